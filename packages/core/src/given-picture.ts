/** What a provider gave for a portrait, in short: portraits of two photos that have the same are looked at by a person. */
export interface GivenPicture {
  /** Of the bytes as they were fetched; hex digits. */
  readonly digest: string;
  /** Tells the photo from others; two that look the same to the last pixel have the same. Hex digits. */
  readonly photo: string;
}

/** For the metadata of a result. */
export function givenPictureText({ digest, photo }: GivenPicture): string {
  return `${digest} ${photo}`;
}

/** @returns undefined for a result that says nothing of it */
export function parseGivenPicture(text: string | undefined): GivenPicture | undefined {
  const [, digest, photo] = /^([0-9a-f]+) ([0-9a-f]+)$/.exec(text ?? "") ?? [];
  return digest === undefined || photo === undefined ? undefined : { digest, photo };
}
