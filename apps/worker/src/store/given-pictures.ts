import { PHOTO_MARK_DIGITS, photoMark, sha256, type SourceIdentity } from "@darkroom/core";
import type { SourceLook } from "@darkroom/imaging";
import type { GivenPictures } from "@darkroom/ledger";

const DIGEST_DIGITS = 16;

/** A mark that identifies the source photo of a portrait's pictures. */
export function markOfPhoto(photo: SourceIdentity, look: SourceLook | undefined): string {
  const content = digestOf(`${photo.etag} ${photo.sizeBytes}`, PHOTO_MARK_DIGITS);
  const pixels = look?.thumbnail === undefined ? undefined : digestOf(look.thumbnail, PHOTO_MARK_DIGITS);
  return photoMark(content, pixels);
}

/**
 * Digests of a received picture: its bytes, its link if any, and its source photo.
 *
 * @param bytes as fetched, before any processing
 */
export function givenPictures(photo: string, bytes: Uint8Array, link: string | undefined): GivenPictures {
  const digests = [bytes, ...(link === undefined ? [] : [link])].map((given) => digestOf(given, DIGEST_DIGITS));
  return { photo, digests };
}

function digestOf(what: Uint8Array | string, digits: number): string {
  return sha256(what).slice(0, digits);
}
