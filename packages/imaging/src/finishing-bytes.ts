/** Bytes a pixel: a source that is shrunk to compare it, and a result that is encoded anew. */
const PER_PIXEL = 6;
/** A result's pixels are held where they take at most so many times what its file does. */
export const PIXELS_OF_FILE = 3;
/** A file is held together with its pixels, and then with its successor. */
const COPIES = 1 + PIXELS_OF_FILE;

/**
 * What checking and finishing a result takes at its height: an estimate for a budget of memory.
 *
 * @param source its size as seen, and of its file; absent where it is gone
 */
export function finishingBytes(
  resultBytes: number,
  source?: { readonly width: number; readonly height: number; readonly sizeBytes: number },
): number {
  const ofSource = source === undefined ? 0 : source.sizeBytes + source.width * source.height * PER_PIXEL;
  return COPIES * resultBytes + ofSource;
}
