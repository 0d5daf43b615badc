import { PHOTO_MARK_DIGITS, photoMark, sha256, type SourceIdentity } from "@darkroom/core";
import type { SourceLook } from "@darkroom/imaging";
import type { GivenPictures } from "@darkroom/ledger";

const DIGEST_DIGITS = 16;

/** What tells the photo that a portrait's pictures should be of from others. */
export function markOfPhoto(photo: SourceIdentity, look: SourceLook | undefined): string {
  const content = digestOf(`${photo.etag} ${photo.sizeBytes}`, PHOTO_MARK_DIGITS);
  const pixels = look?.thumbnail === undefined ? undefined : digestOf(look.thumbnail, PHOTO_MARK_DIGITS);
  return photoMark(content, pixels);
}

/**
 * A picture that a portrait was given, in short: its bytes, its link where it came by one, and the photo that it should
 * be of.
 *
 * @param bytes as they were fetched, before anything is changed in them
 */
export function givenPictures(photo: string, bytes: Uint8Array, link: string | undefined): GivenPictures {
  const digests = [bytes, ...(link === undefined ? [] : [link])].map((given) => digestOf(given, DIGEST_DIGITS));
  return { photo, digests };
}

function digestOf(what: Uint8Array | string, digits: number): string {
  return sha256(what).slice(0, digits);
}
