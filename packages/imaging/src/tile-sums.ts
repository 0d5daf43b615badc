import { THUMBNAIL_PX, type Thumbnail } from "./thumbnail.ts";

/** Tiles per side of the comparison grid, and pixels per side of a tile. */
export const TILES = 64;
const TILE_PX = THUMBNAIL_PX / TILES;
/** Channel sum of a white tile. */
export const MOST_TILE_SUM = TILE_PX * TILE_PX * 255;
/** Bytes per row of a thumbnail, and per row of one tile. */
const ROW_BYTES = THUMBNAIL_PX * 3;
const TILE_BYTES = TILE_PX * 3;

/** Red, green and blue of each tile of a thumbnail, summed over its pixels; row by row. */
export type TileSums = Uint16Array;

/** Reads a thumbnail once for all tile statistics. The loop is hot, so the 4 × 4 px of a tile are unrolled. */
export function tileSums(thumbnail: Thumbnail): TileSums {
  const sums = new Uint16Array(TILES * TILES * 3);
  for (let row = 0, to = 0; row < TILES; row += 1) {
    for (let column = 0; column < TILES; column += 1, to += 3) {
      let [red, green, blue] = [0, 0, 0];
      let at = row * TILE_PX * ROW_BYTES + column * TILE_BYTES;
      for (let y = 0; y < TILE_PX; y += 1, at += ROW_BYTES) {
        red += thumbnail[at]! + thumbnail[at + 3]! + thumbnail[at + 6]! + thumbnail[at + 9]!;
        green += thumbnail[at + 1]! + thumbnail[at + 4]! + thumbnail[at + 7]! + thumbnail[at + 10]!;
        blue += thumbnail[at + 2]! + thumbnail[at + 5]! + thumbnail[at + 8]! + thumbnail[at + 11]!;
      }
      sums[to] = red;
      sums[to + 1] = green;
      sums[to + 2] = blue;
    }
  }
  return sums;
}
