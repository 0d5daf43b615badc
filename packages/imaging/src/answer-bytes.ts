/**
 * Upper bound of an encoded result's bytes per pixel. High-quality JPEGs and most PNGs of photos stay below this bound.
 */
const PER_PIXEL = { jpeg: 1, png: 3 } as const;

/**
 * Estimates the peak memory of an answer that contains pictures, for a memory budget. Assumes that results are as large
 * as the sent picture. One extra picture is in memory briefly while its chunks are joined.
 *
 * @param sent size of the sent picture, in pixels
 */
export function answerBytes(
  sent: { readonly width: number; readonly height: number },
  variations: number,
  format: keyof typeof PER_PIXEL,
): number {
  return (variations + 1) * sent.width * sent.height * PER_PIXEL[format];
}
