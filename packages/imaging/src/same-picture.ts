import sharp from "sharp";
import { MOST_PIXELS } from "./decode-limits.ts";
import { rgbOf, THUMBNAIL_PX, type Thumbnail } from "./thumbnail.ts";

/** Pixels a side of the blocks that thumbnails are compared in. */
const TILE_PX = 4;
/**
 * How far the mean colour of a thumbnail's tiles may move where a picture was encoded anew, in levels of 255: over all
 * tiles, and in the worst one. Retouching by the twin moves them by 1.9 and 7 at least; a spot that is taken out may
 * move less than noise does, so what passes here is looked at closely.
 */
const MOST_MEAN_SHIFT = 0.65;
const MOST_WORST_SHIFT = 6;

/** Whether two pictures look the same in coarse. Cheap, and true for a picture in which only a spot was worked on. */
export function looksSame(a: Thumbnail, b: Thumbnail): boolean {
  const tiles = THUMBNAIL_PX / TILE_PX;
  let sum = 0;
  let worst = 0;
  for (let row = 0; row < tiles; row += 1) {
    for (let column = 0; column < tiles; column += 1) {
      const shift = tileShift(a, b, row, column);
      sum += shift;
      worst = Math.max(worst, shift);
    }
  }
  return sum / tiles ** 2 < MOST_MEAN_SHIFT && worst < MOST_WORST_SHIFT;
}

/** The mean over the channels of how far a tile's mean value moved. */
function tileShift(a: Thumbnail, b: Thumbnail, row: number, column: number): number {
  const sums = [0, 0, 0];
  for (let y = row * TILE_PX; y < (row + 1) * TILE_PX; y += 1) {
    const start = (y * THUMBNAIL_PX + column * TILE_PX) * 3;
    for (let at = start; at < start + TILE_PX * 3; at += 1) {
      const channel = (at - start) % 3;
      sums[channel] = (sums[channel] ?? 0) + (a[at] ?? 0) - (b[at] ?? 0);
    }
  }
  return sums.reduce((all, sum) => all + Math.abs(sum), 0) / (3 * TILE_PX * TILE_PX);
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
  if (one.length !== other.length) return false;
  let odd = 0;
  for (let at = 0; at < one.length; at += 3) {
    const shift = Math.abs(lightness(one, at) - lightness(other, at));
    if (shift >= MOST_CLOSE_SHIFT) odd += 1;
    if (shift >= MOST_ODD_SHIFT || odd > MOST_ODD_PLACES) return false;
  }
  return true;
}

/** Luma of the sRGB values at a place (Rec. 601). */
function lightness(pixels: Uint8Array, at: number): number {
  return 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0);
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
