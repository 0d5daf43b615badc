import { THUMBNAIL_PX, type Thumbnail } from "./thumbnail.ts";

/** Cells a side of the grid that pictures are compared on. */
const GRID = 64;
const CELL_PX = THUMBNAIL_PX / GRID;
const DECIMALS = 10_000;

/** Colours of a picture in OKLab, three numbers for each cell of a grid of 64 × 64, row by row. */
export type ColourGrid = Float32Array;

/** The picture's colours in coarse; see {@link distanceOf}. */
export function colourGrid(thumbnail: Thumbnail): ColourGrid {
  const grid = new Float32Array(GRID * GRID * 3);
  for (let row = 0; row < GRID; row += 1) {
    for (let column = 0; column < GRID; column += 1) {
      const [red, green, blue] = cellMeans(thumbnail, row, column);
      grid.set(oklab(linear(red), linear(green), linear(blue)), (row * GRID + column) * 3);
    }
  }
  return grid;
}

/**
 * How far two pictures are from each other for the eye: the mean distance in OKLab over the cells of both grids.
 * 0 is the same, black against white is 1. The twin's subtle retouching gives 0.007 to 0.08 on
 * the examples.
 */
export function distanceOf(a: ColourGrid, b: ColourGrid): number {
  return Math.round(meanDistance(a, b, (cell) => cell) * DECIMALS) / DECIMALS;
}

/** A quarter turn is believed where turning back leaves less than this share of the distance. */
const TURNED_SHARE = 0.5;
/** Below this there is no turn to look for. */
const LEAST_TURN_DISTANCE = 0.05;

/** By how many degrees, clockwise, the second picture is the first one turned; 0 unless it clearly is. */
export function turnBetween(from: ColourGrid, to: ColourGrid): 0 | 90 | 180 | 270 {
  const upright = meanDistance(from, to, (cell) => cell);
  if (upright < LEAST_TURN_DISTANCE) return 0;
  const last = GRID - 1;
  // Where each cell of the first picture lies in the turned one.
  const turns = [
    [90, (row: number, column: number) => column * GRID + (last - row)],
    [180, (row: number, column: number) => (last - row) * GRID + (last - column)],
    [270, (row: number, column: number) => (last - column) * GRID + row],
  ] as const;
  let best: 0 | 90 | 180 | 270 = 0;
  let least = upright * TURNED_SHARE;
  for (const [degrees, place] of turns) {
    const distance = meanDistance(from, to, (cell) => place(Math.floor(cell / GRID), cell % GRID));
    if (distance < least) [best, least] = [degrees, distance];
  }
  return best;
}

/** The most that the colours of a flat picture differ, as OKLab lightness or colour; what compression leaves is less. */
const FLAT_SPAN = 0.02;

/** Whether a picture is one flat colour. */
export function isFlat(grid: ColourGrid): boolean {
  const least = [Infinity, Infinity, Infinity];
  const most = [-Infinity, -Infinity, -Infinity];
  for (let at = 0; at < grid.length; at += 1) {
    const value = grid[at] ?? 0;
    least[at % 3] = Math.min(least[at % 3] ?? 0, value);
    most[at % 3] = Math.max(most[at % 3] ?? 0, value);
  }
  return most.every((value, channel) => value - (least[channel] ?? 0) < FLAT_SPAN);
}

function meanDistance(a: ColourGrid, b: ColourGrid, place: (cell: number) => number): number {
  let sum = 0;
  for (let cell = 0; cell < GRID * GRID; cell += 1) {
    const other = place(cell) * 3;
    const lightness = (a[cell * 3] ?? 0) - (b[other] ?? 0);
    const greenRed = (a[cell * 3 + 1] ?? 0) - (b[other + 1] ?? 0);
    const blueYellow = (a[cell * 3 + 2] ?? 0) - (b[other + 2] ?? 0);
    sum += Math.min(1, Math.hypot(lightness, greenRed, blueYellow));
  }
  return sum / (GRID * GRID);
}

function cellMeans(thumbnail: Thumbnail, row: number, column: number): readonly [number, number, number] {
  let [red, green, blue] = [0, 0, 0];
  for (let y = row * CELL_PX; y < (row + 1) * CELL_PX; y += 1) {
    for (let x = column * CELL_PX; x < (column + 1) * CELL_PX; x += 1) {
      const at = (y * THUMBNAIL_PX + x) * 3;
      red += thumbnail[at] ?? 0;
      green += thumbnail[at + 1] ?? 0;
      blue += thumbnail[at + 2] ?? 0;
    }
  }
  const levels = CELL_PX * CELL_PX * 255;
  return [red / levels, green / levels, blue / levels];
}

/** The light behind an sRGB value, both 0 to 1 (IEC 61966-2-1). */
function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** OKLab of linear sRGB (Björn Ottosson, 2020; the matrices of CSS Color 4). */
function oklab(red: number, green: number, blue: number): [lightness: number, greenRed: number, blueYellow: number] {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
