import type { Probe } from "./probe-picture.ts";

/** Peak bytes per pixel for decoding, in addition to the file. Measured with 12 megapixels and rounded up. */
const DECODING: Readonly<Record<string, number>> = {
  "image/heic": 20,
  "image/avif": 20,
  "image/webp": 9,
  "image/gif": 8,
  "image/tiff": 5,
};
/** Bytes per pixel of a JPEG or PNG that is decoded row by row. */
const BY_ROWS = 2;
/** Bytes per pixel of a JPEG or PNG that must be rotated, or is progressive or interlaced. */
const TURNED = 4;
const INTERLACED = 4;
/** Bytes per pixel of the encoded picture while it is created. */
const RESULT = 1;

/** Estimates the peak memory for reading, decoding and encoding a picture from its header. An upper bound. */
export function workBytes({ contentType, width, height, sizeBytes, traits }: Probe & { kind: "picture" }): number {
  const { orientation, isInterlaced, bitsPerChannel } = traits;
  const whole = (orientation === 1 ? 0 : TURNED) + (isInterlaced ? INTERLACED : 0);
  const perPixel = ((DECODING[contentType] ?? BY_ROWS) + whole) * (bitsPerChannel / 8) + RESULT;
  return 2 * sizeBytes + width * height * perPixel;
}
