import sharp from "sharp";
import { MOST_PIXELS } from "./decode-limits.ts";
import { rgbOf } from "./thumbnail.ts";
import { MOST_TILE_SUM, TILES, type TileSums } from "./tile-sums.ts";

/**
 * How far the mean colour of a thumbnail's tiles may move where a picture was encoded anew, in levels of 255: over all
 * tiles, and in the worst one. Retouching by the twin moves them by 1.9 and 7 at least; a spot that is taken out may
 * move less than noise does, so what passes here is looked at closely.
 */
const MOST_MEAN_SHIFT = 0.65;
const MOST_WORST_SHIFT = 6;

/** Sums of tiles that differ by so much are one level of their mean colour apart; it is the mean of three channels. */
const SUM_OF_LEVEL = (MOST_TILE_SUM / 255) * 3;
const MOST_SHIFT_SUM = MOST_MEAN_SHIFT * TILES * TILES * SUM_OF_LEVEL;
const MOST_WORST_SUM = MOST_WORST_SHIFT * SUM_OF_LEVEL;

/** Whether two pictures look the same in coarse. Cheap, and true for a picture in which only a spot was worked on. */
export function looksSame(a: TileSums, b: TileSums): boolean {
  let sum = 0;
  for (let at = 0; at < a.length; at += 3) {
    const shift = Math.abs(a[at]! - b[at]!) + Math.abs(a[at + 1]! - b[at + 1]!) + Math.abs(a[at + 2]! - b[at + 2]!);
    sum += shift;
    if (shift >= MOST_WORST_SUM || sum >= MOST_SHIFT_SUM) return false;
  }
  return true;
}

/** Pictures are compared closely at this share of their size: noise of encoding averages out, work on a spot does not. */
const CLOSE_SHARE = 3;
/**
 * How far the lightness of a place may move where a picture was encoded anew, in levels of 255: of nearly all places,
 * and of any. Measured on real portraits: JPEG of quality 80 and more mostly leaves less than 4; taking out a mark of a
 * hundredth of the picture's width moves some places by 5 and more, light turned up by 2 % many by 4 and more. See
 * decision 0013.
 */
const MOST_CLOSE_SHIFT = 4;
const MOST_ODD_SHIFT = 6;
/** So many places may have moved by more than nearly all: sharp edges do. */
const MOST_ODD_PLACES = 3;

/** Whether one picture is the other again, at most encoded anew. Both have the same size. Looks closely. */
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
    // Lightness moves by no more than the channel that moves most: nearly all places of the same picture end here.
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

/** Luma of the sRGB values at a place (Rec. 601). */
function lightness(pixels: Uint8Array, at: number): number {
  return 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
}

/** A picture at a share of its size: three bytes of sRGB a place. */
async function closeView(
  bytes: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  return await rgbOf(
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
}
