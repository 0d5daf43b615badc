import sharp from "sharp";
import { MOST_PIXELS } from "./decode-limits.ts";
import { rgbOf } from "./rgb-pixels.ts";
import { MOST_TILE_SUM, TILES, type TileSums } from "./tile-sums.ts";

/**
 * Maximum change of the tiles' mean colour for a re-encoded picture, in levels of 255: over all tiles, and in the worst
 * tile. The simulator's retouching changes them by at least 1.9 and 7. The removal of a spot may change less than noise
 * does, so matches are compared closely.
 */
const MOST_MEAN_SHIFT = 0.65;
const MOST_WORST_SHIFT = 6;

/** Difference in tile sums that equals one level of mean colour, averaged over three channels. */
const SUM_OF_LEVEL = (MOST_TILE_SUM / 255) * 3;
const MOST_SHIFT_SUM = MOST_MEAN_SHIFT * TILES * TILES * SUM_OF_LEVEL;
const MOST_WORST_SUM = MOST_WORST_SHIFT * SUM_OF_LEVEL;

/** A fast, coarse comparison of two pictures. Also true for a picture in which only a spot was retouched. */
export function looksSame(a: TileSums, b: TileSums): boolean {
  let sum = 0;
  for (let at = 0; at < a.length; at += 3) {
    const shift = Math.abs(a[at]! - b[at]!) + Math.abs(a[at + 1]! - b[at + 1]!) + Math.abs(a[at + 2]! - b[at + 2]!);
    sum += shift;
    if (shift >= MOST_WORST_SUM || sum >= MOST_SHIFT_SUM) return false;
  }
  return true;
}

/** Divisor of the size for the close comparison, at which encoding noise averages out but a retouched spot does not. */
const CLOSE_SHARE = 3;
/**
 * Maximum change of local lightness for a re-encoded picture, in levels of 255: for nearly all places, and for any.
 * JPEG with a quality of 80 or more mostly changes less than 4. The removal of a small mark changes some places by 5 or
 * more. See decision 0013.
 */
const MOST_CLOSE_SHIFT = 4;
const MOST_ODD_SHIFT = 6;
/** Number of places that may exceed the limit for nearly all places, as sharp edges do. */
const MOST_ODD_PLACES = 3;

/** True if the two pictures, of the same size, differ at most by encoding. Compares closely. */
export async function isSamePicture(
  a: Uint8Array,
  b: Uint8Array,
  size: { readonly width: number; readonly height: number },
): Promise<boolean> {
  const [one, other] = [await closeView(a, size), await closeView(b, size)];
  return one.length === other.length && sameLightness(one, other);
}

function sameLightness(one: Uint8Array, other: Uint8Array): boolean {
  let odd = 0;
  for (let at = 0; at < one.length; at += 3) {
    // Lightness changes by no more than the channel that changes most, so this check settles nearly all equal places.
    if (
      Math.abs(one[at]! - other[at]!) < MOST_CLOSE_SHIFT &&
      Math.abs(one[at + 1]! - other[at + 1]!) < MOST_CLOSE_SHIFT &&
      Math.abs(one[at + 2]! - other[at + 2]!) < MOST_CLOSE_SHIFT
    ) {
      continue;
    }
    const shift = Math.abs(lightness(one, at) - lightness(other, at));
    if (shift >= MOST_CLOSE_SHIFT) odd += 1;
    if (shift >= MOST_ODD_SHIFT || odd > MOST_ODD_PLACES) return false;
  }
  return true;
}

/** Returns the luma of the sRGB values at a place (Rec. 601). */
function lightness(pixels: Uint8Array, at: number): number {
  return 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
}

/** Returns a picture scaled down for the close comparison: three bytes of sRGB per pixel. */
async function closeView(
  bytes: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  const { data } = await rgbOf(
    sharp(bytes, { failOn: "none", limitInputPixels: MOST_PIXELS })
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .resize({
        width: Math.ceil(width / CLOSE_SHARE),
        height: Math.ceil(height / CLOSE_SHARE),
        fit: "fill",
        fastShrinkOnLoad: false,
      }),
  );
  return data;
}
