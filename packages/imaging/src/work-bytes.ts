import type { Probe } from "./probe-picture.ts";

/** Bytes a pixel that decoding takes at its height, for kinds that are decoded whole; measured, and rounded up. */
const WHOLE: Readonly<Record<string, number>> = {
  "image/heic": 24,
  "image/avif": 12,
  "image/webp": 8,
  "image/gif": 8,
  "image/tiff": 8,
};
/** The same for JPEG and PNG: row by row, and where all of it must be there (turned, interlaced). */
const BY_ROWS = 2;
const ALL_ROWS = 8;
/** The encoded picture, while it is made. */
const RESULT = 1;

/** What reading, decoding and encoding a picture takes at its height, by its header: an estimate on the safe side. */
export function workBytes({ contentType, width, height, sizeBytes, traits }: Probe & { kind: "picture" }): number {
  const all = traits.orientation !== 1 || traits.isInterlaced;
  const perPixel = (WHOLE[contentType] ?? (all ? ALL_ROWS : BY_ROWS)) * (traits.bitsPerChannel / 8) + RESULT;
  return 2 * sizeBytes + width * height * perPixel;
}
