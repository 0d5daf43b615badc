import { cubeRoot } from "./cube-root.ts";
import { linearLights } from "./srgb-light.ts";
import { MOST_TILE_SUM, TILES, type TileSums } from "./tile-sums.ts";

const CELLS = TILES * TILES;
const DECIMALS = 10_000;
/** The linear light of every possible mean colour of a tile. */
const LIGHT = linearLights(MOST_TILE_SUM);

/** Colours of a picture in OKLab, three numbers per tile, row by row. */
export type ColourGrid = Float32Array;

/**
 * Returns the picture's coarse colours; see {@link distanceOf}. OKLab is by Björn Ottosson (2020; matrices of CSS Color
 * 4).
 */
export function colourGrid(sums: TileSums): ColourGrid {
  const grid = new Float32Array(CELLS * 3);
  for (let at = 0; at < CELLS * 3; at += 3) {
    const red = LIGHT[sums[at]!]!;
    const green = LIGHT[sums[at + 1]!]!;
    const blue = LIGHT[sums[at + 2]!]!;
    const l = cubeRoot(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
    const m = cubeRoot(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
    const s = cubeRoot(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
    grid[at] = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
    grid[at + 1] = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
    grid[at + 2] = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  }
  return grid;
}

/** Maps the cells of one grid to another: the position of the first cell, and the steps along a row and a column. */
interface Way {
  readonly start: number;
  readonly along: number;
  readonly down: number;
}

const UPRIGHT: Way = { start: 0, along: 1, down: TILES };
const TURNS = [
  [90, { start: TILES - 1, along: TILES, down: -1 }],
  [180, { start: CELLS - 1, along: -1, down: -TILES }],
  [270, { start: CELLS - TILES, along: -TILES, down: 1 }],
] as const satisfies readonly (readonly [number, Way])[];

/**
 * Returns the perceptual distance of two pictures: the mean OKLab distance over the cells of both grids. 0 for
 * identical pictures, 1 for black against white. The simulator's subtle retouching results in 0.007 to 0.08 on the
 * examples.
 */
export function distanceOf(a: ColourGrid, b: ColourGrid): number {
  return Math.round(meanDistance(a, b, UPRIGHT) * DECIMALS) / DECIMALS;
}

/** A quarter turn counts if turning back leaves less than this share of the distance. */
const TURNED_SHARE = 0.5;
/** Distance below which no rotation is searched. */
const LEAST_TURN_DISTANCE = 0.05;

/**
 * Returns the clockwise rotation of the second picture relative to the first, in degrees; 0 unless a rotation is clear.
 */
export function turnBetween(from: ColourGrid, to: ColourGrid): 0 | 90 | 180 | 270 {
  const upright = meanDistance(from, to, UPRIGHT);
  if (upright < LEAST_TURN_DISTANCE) return 0;
  let best: 0 | 90 | 180 | 270 = 0;
  let least = upright * TURNED_SHARE;
  for (const [degrees, way] of TURNS) {
    const distance = meanDistance(from, to, way, least);
    if (distance < least) [best, least] = [degrees, distance];
  }
  return best;
}

/** Maximum OKLab spread of a flat picture. Compression leaves a smaller spread. */
const FLAT_SPAN = 0.02;

/** True if a picture is one flat colour. */
export function isFlat(grid: ColourGrid): boolean {
  for (let channel = 0; channel < 3; channel += 1) {
    let least = Infinity;
    let most = -Infinity;
    for (let at = channel; at < grid.length; at += 3) {
      const value = grid[at]!;
      if (value < least) least = value;
      if (value > most) most = value;
      if (most - least >= FLAT_SPAN) return false;
    }
  }
  return true;
}

/**
 * Returns the mean distance between the cells of two grids under a mapping.
 *
 * @param enough threshold above which the exact distance does not matter
 */
function meanDistance(a: ColourGrid, b: ColourGrid, { start, along, down }: Way, enough = Infinity): number {
  const enoughSum = enough * CELLS;
  let sum = 0;
  let at = 0;
  for (let row = 0; row < TILES; row += 1) {
    let other = (start + row * down) * 3;
    for (let column = 0; column < TILES; column += 1, at += 3, other += along * 3) {
      const lightness = a[at]! - b[other]!;
      const greenRed = a[at + 1]! - b[other + 1]!;
      const blueYellow = a[at + 2]! - b[other + 2]!;
      sum += Math.min(1, Math.sqrt(lightness * lightness + greenRed * greenRed + blueYellow * blueYellow));
    }
    if (sum > enoughSum) break;
  }
  return sum / CELLS;
}
