import type { Probe } from "./probe-picture.ts";

/** Bytes a pixel that decoding takes at its height, beyond the file; measured with 12 megapixels, and rounded up. */
const DECODING: Readonly<Record<string, number>> = {
  "image/heic": 20,
  "image/avif": 20,
  "image/webp": 9,
  "image/gif": 8,
  "image/tiff": 5,
};
/** JPEG and PNG are decoded row by row… */
const BY_ROWS = 2;
/** … unless they must be turned, or hold all rows first roughly and then finely. */
const TURNED = 4;
const INTERLACED = 4;
/** The encoded picture, while it is made. */
const RESULT = 1;

/** What reading, decoding and encoding a picture takes at its height, by its header: an estimate on the safe side. */
export function workBytes({ contentType, width, height, sizeBytes, traits }: Probe & { kind: "picture" }): number {
  const { orientation, isInterlaced, bitsPerChannel } = traits;
  const whole = (orientation === 1 ? 0 : TURNED) + (isInterlaced ? INTERLACED : 0);
  const perPixel = ((DECODING[contentType] ?? BY_ROWS) + whole) * (bitsPerChannel / 8) + RESULT;
  return 2 * sizeBytes + width * height * perPixel;
}
