/** What a provider gave for a portrait, in short: portraits of two photos that have the same are looked at by a person. */
export interface GivenPicture {
  /** Of the bytes as they were fetched; hex digits. */
  readonly digest: string;
  /** Tells the photo from others; see {@link photoMark}. */
  readonly photo: string;
  /** The same as {@link digest}, of each further picture. Absent where there is none. */
  readonly further?: readonly string[];
}

/** All pictures of a portrait, in short, the main one first. */
export function givenDigests({ digest, further = [] }: GivenPicture): readonly string[] {
  return [digest, ...further];
}

/** Hex digits of each half of a {@link photoMark}. */
export const PHOTO_MARK_DIGITS = 12;

/**
 * Tells a photo from others: by its content, which is known from the order on, and by its pixels, where they could be
 * looked at. Two photos are one where either is the same.
 *
 * @param content hex digits, {@link PHOTO_MARK_DIGITS} of them; as many of `pixels`
 */
export function photoMark(content: string, pixels = ""): string {
  return content + pixels;
}

/** The two halves of a {@link photoMark}; the second is undefined where the pixels were not seen. */
export function photoMarkHalves(mark: string): { readonly content: string; readonly pixels: string | undefined } {
  const pixels = mark.slice(PHOTO_MARK_DIGITS);
  return { content: mark.slice(0, PHOTO_MARK_DIGITS), pixels: pixels === "" ? undefined : pixels };
}

/** For the metadata of a result, which is one of the portrait's pictures. */
export function givenPictureText({ digest, photo }: Pick<GivenPicture, "digest" | "photo">): string {
  return `${digest} ${photo}`;
}

/** @returns undefined for a result that says nothing of it */
export function parseGivenPicture(text: string | undefined): GivenPicture | undefined {
  const [, digest, photo] = /^([0-9a-f]+) ([0-9a-f]+)$/.exec(text ?? "") ?? [];
  return digest === undefined || photo === undefined ? undefined : { digest, photo };
}
