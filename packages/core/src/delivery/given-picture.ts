/**
 * Digests of the pictures that a provider returned for a portrait. If portraits of two photos share a picture, a user
 * must check both.
 */
export interface GivenPicture {
  /** Digest of the bytes as fetched, in hex. */
  readonly digest: string;
  /** Identifies the photo; see {@link photoMark}. */
  readonly photo: string;
  /** Digests of the variations. Absent if there are none. */
  readonly further?: readonly string[];
}

/** Returns the digests of all pictures of a portrait, the main one first. */
export function givenDigests({ digest, further = [] }: GivenPicture): readonly string[] {
  return [digest, ...further];
}

/** Hex digits of each half of a {@link photoMark}. */
export const PHOTO_MARK_DIGITS = 12;

/**
 * Identifies a photo by its content, which is always known, and by its pixels, if they could be decoded. Two photos are
 * the same if either part is equal.
 *
 * @param content {@link PHOTO_MARK_DIGITS} hex digits; the same number for `pixels`
 */
export function photoMark(content: string, pixels = ""): string {
  return content + pixels;
}

/** Returns the two halves of a {@link photoMark}. The second is undefined if the pixels were not decoded. */
export function photoMarkHalves(mark: string): { readonly content: string; readonly pixels: string | undefined } {
  const pixels = mark.slice(PHOTO_MARK_DIGITS);
  return { content: mark.slice(0, PHOTO_MARK_DIGITS), pixels: pixels === "" ? undefined : pixels };
}

/** Formats the digest and photo mark for the metadata of a result, which is one of the portrait's pictures. */
export function givenPictureText({ digest, photo }: Pick<GivenPicture, "digest" | "photo">): string {
  return `${digest} ${photo}`;
}

/** @returns undefined for a result without this metadata */
export function parseGivenPicture(text: string | undefined): GivenPicture | undefined {
  const [, digest, photo] = /^([0-9a-f]+) ([0-9a-f]+)$/.exec(text ?? "") ?? [];
  return digest === undefined || photo === undefined ? undefined : { digest, photo };
}
