/**
 * Bytes per pixel of an encoded result, as an upper bound: high-quality JPEGs stay below it, and so do most PNGs of
 * photos.
 */
const PER_PIXEL = { jpeg: 1, png: 3 } as const;

/**
 * Estimates the peak memory of an answer that contains pictures, for a memory budget. Assumes that results are as large
 * as the sent picture. One extra picture is held briefly while its chunks are joined.
 *
 * @param sent the picture that was sent, in pixels
 */
export function answerBytes(
  sent: { readonly width: number; readonly height: number },
  variations: number,
  format: keyof typeof PER_PIXEL,
): number {
  return (variations + 1) * sent.width * sent.height * PER_PIXEL[format];
}
