/** Two pictures of the same size as RGBA, row by row. */
export interface PixelPair {
  readonly before: Uint8ClampedArray;
  readonly after: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  /**
   * Mean change of red, green and blue. Subtracted, so that a change of overall brightness does not mark the whole
   * picture.
   */
  readonly shift: readonly number[];
}

/** Returns a pair's {@link PixelPair.shift}. */
export function shiftOf({ before, after }: Pick<PixelPair, "before" | "after">): readonly number[] {
  const sums = [0, 0, 0];
  for (let at = 0; at < after.length; at++) {
    const colour = at % 4;
    if (colour < 3) sums[colour] = (sums[colour] ?? 0) + (after[at] ?? 0) - (before[at] ?? 0);
  }
  return sums.map((sum) => sum / Math.max(1, after.length / 4));
}

/** Maximum difference, of 255, that compression explains. */
const UNSEEN = 14;
/** Difference that gets the strongest colour. */
const STRONG = 90;

/**
 * Paints some rows of a map of changes: the result in grey, covered from yellow to red where it differs from the source.
 *
 * @param map RGBA of the whole map
 * @returns the number of these rows' pixels that differ visibly
 */
export function paintRows(
  pair: PixelPair,
  map: Uint8ClampedArray,
  { from, end }: { readonly from: number; readonly end: number },
): number {
  const { after, width, height } = pair;
  let changed = 0;
  for (let y = from; y < Math.min(end, height); y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      const heat = Math.min(1, Math.max(0, (difference(pair, x, y) - UNSEEN) / STRONG));
      if (heat > 0) changed += 1;
      const grey = 0.25 * lightness(after, at) + 20;
      const cover = heat === 0 ? 0 : 0.35 + 0.65 * heat;
      map[at] = grey + (255 - grey) * cover;
      map[at + 1] = grey + (190 * (1 - heat) + 30 - grey) * cover;
      map[at + 2] = grey + (20 - grey) * cover;
      map[at + 3] = 255;
    }
  }
  return changed;
}

/** Returns the mean difference of a pixel and its neighbours: 0 to 255, the largest of the three colours. */
function difference({ before, after, width, height, shift }: PixelPair, x: number, y: number): number {
  const sums = [0, 0, 0];
  let count = 0;
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
      const at = (row * width + column) * 4;
      count += 1;
      for (let colour = 0; colour < 3; colour++) {
        sums[colour] = (sums[colour] ?? 0) + (after[at + colour] ?? 0) - (before[at + colour] ?? 0);
      }
    }
  }
  return Math.max(...sums.map((sum, colour) => Math.abs(sum / count - (shift[colour] ?? 0))));
}

function lightness(pixels: Uint8ClampedArray, at: number): number {
  return 0.3 * (pixels[at] ?? 0) + 0.59 * (pixels[at + 1] ?? 0) + 0.11 * (pixels[at + 2] ?? 0);
}
