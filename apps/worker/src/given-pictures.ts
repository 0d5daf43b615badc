import { createHash } from "node:crypto";
import { PHOTO_MARK_DIGITS, photoMark, type SourceIdentity } from "@darkroom/core";
import type { SourceLook } from "@darkroom/imaging";
import type { GivenPictures } from "@darkroom/ledger";

const DIGEST_DIGITS = 16;

/**
 * What a portrait was given, in short: its main picture's link, its bytes, and the photo that they should be of.
 *
 * @param bytes as they were fetched, before anything is changed in them
 */
export function givenPictures(
  photo: SourceIdentity,
  look: SourceLook | undefined,
  bytes: Uint8Array,
  { urls: [link] = [] }: { readonly urls?: readonly string[] },
): GivenPictures {
  const digests = [bytes, ...(link === undefined ? [] : [link])].map((given) => digestOf(given, DIGEST_DIGITS));
  const content = digestOf(`${photo.etag} ${photo.sizeBytes}`, PHOTO_MARK_DIGITS);
  const pixels = look?.thumbnail === undefined ? undefined : digestOf(look.thumbnail, PHOTO_MARK_DIGITS);
  return { photo: photoMark(content, pixels), digests };
}

function digestOf(what: Uint8Array | string, digits: number): string {
  return createHash("sha256").update(what).digest("hex").slice(0, digits);
}
