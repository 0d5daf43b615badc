/** Bytes per pixel for a source that is shrunk for comparison, and for a result that is re-encoded. */
const PER_PIXEL = 6;
/**
 * Number of copies of a result's file size: the file, its pixels if its rows come out of order, and the stored file.
 */
const COPIES = 4;

/**
 * Estimates the peak memory of checking and finishing a result, for a memory budget.
 *
 * @param source its upright size and file size; absent if the source is gone
 */
export function finishingBytes(
  resultBytes: number,
  source?: { readonly width: number; readonly height: number; readonly sizeBytes: number },
): number {
  const ofSource = source === undefined ? 0 : source.sizeBytes + source.width * source.height * PER_PIXEL;
  return COPIES * resultBytes + ofSource;
}
