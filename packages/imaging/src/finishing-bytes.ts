/** Bytes per pixel for a source that is shrunk for comparison, and for a result that is re-encoded. */
const PER_PIXEL = 6;
/** A result's file, its pixels if its rows come out of order, and the file that is stored, in sizes of the first. */
const COPIES = 4;

/**
 * Estimates the peak memory of checking and finishing a result, for a memory budget.
 *
 * @param source its size as seen and file size; absent if it is gone
 */
export function finishingBytes(
  resultBytes: number,
  source?: { readonly width: number; readonly height: number; readonly sizeBytes: number },
): number {
  const ofSource = source === undefined ? 0 : source.sizeBytes + source.width * source.height * PER_PIXEL;
  return COPIES * resultBytes + ofSource;
}
