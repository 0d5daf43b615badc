import type { PictureStats } from "@darkroom/core";
import { cubeRoot } from "./cube-root.ts";
import type { RgbPixels } from "./rgb-pixels.ts";
import { linearLights } from "./srgb-light.ts";

/** Usual position and size of a portrait's face, as shares of the picture. */
const FACE = { x: 0.5, y: 0.4, width: 0.28, height: 0.32 };
/** Width and height of the upper corners, as shares of the picture. */
const CORNER = { width: 0.2, height: 0.35 };
const MIDDLE_GREY = 0.18;
/** Avoids the logarithm of zero. One tenth of the smallest light of 8-bit pixels. */
const DARKEST = 0.000_03;
/** The linear light of every level. */
const LIGHT = linearLights(255);

/** Sums over the pixels, each counted with its weight. */
interface FaceSums {
  weight: number;
  red: number;
  green: number;
  blue: number;
  lightness: number;
  squares: number;
}

interface EdgeSums {
  weight: number;
  squares: number;
}

/**
 * Returns the statistics of a picture at the common measuring size. The edges of a row are computed once the row below
 * is known, so only three rows of lightness are in memory. Row sums stay in local variables, because these loops run on
 * the main thread for every portrait.
 */
export function statsOf(pixels: RgbPixels): PictureStats {
  const { width, height } = pixels;
  const columns = bell(width, FACE.x, FACE.width);
  const rows = bell(height, FACE.y, FACE.height);
  const cornerWidth = Math.max(1, Math.round(width * CORNER.width));
  const cornerHeight = Math.max(1, Math.round(height * CORNER.height));
  let [above, middle, row] = [new Float64Array(width), new Float64Array(width), new Float64Array(width)];
  const face: FaceSums = { weight: 0, red: 0, green: 0, blue: 0, lightness: 0, squares: 0 };
  const edges: EdgeSums = { weight: 0, squares: 0 };
  let [corners, cornerPixels] = [0, 0];
  for (let y = 0; y < height; y += 1) {
    [above, middle, row] = [middle, row, above];
    addRow(face, pixels, y, rows[y]!, columns, row);
    if (y >= 2) addEdges(edges, rows[y - 1]!, columns, above, middle, row);
    if (y >= cornerHeight) continue;
    for (let x = 0; x < width; x += 1) {
      if (x >= cornerWidth && x < width - cornerWidth) continue;
      corners += row[x]!;
      cornerPixels += 1;
    }
  }
  const mean = (sum: number): number => sum / face.weight;
  const [r, g, b] = [face.red, face.green, face.blue].map((sum) => Math.max(DARKEST, mean(sum))) as [
    number,
    number,
    number,
  ];
  const contrast = Math.sqrt(Math.max(0, mean(face.squares) - mean(face.lightness) ** 2));
  return {
    exposureEv: rounded(Math.log2(luminanceOf(r, g, b) / MIDDLE_GREY)),
    warmthEv: rounded(Math.log2(r / b)),
    tintEv: rounded(Math.log2((r + b) / 2 / g)),
    contrast: rounded(contrast),
    sharpness: rounded(sharpnessOf(edges, contrast)),
    background: rounded(Math.min(1, corners / cornerPixels)),
  };
}

/** Sums up a row of pixels, and writes their lightness. */
function addRow(
  sums: FaceSums,
  { data, width }: RgbPixels,
  y: number,
  rowWeight: number,
  columns: Float64Array,
  lightness: Float64Array,
): void {
  let weight = 0;
  let red = 0;
  let green = 0;
  let blue = 0;
  let light = 0;
  let squares = 0;
  for (let x = 0, at = y * width * 3; x < width; x += 1, at += 3) {
    const r = LIGHT[data[at]!]!;
    const g = LIGHT[data[at + 1]!]!;
    const b = LIGHT[data[at + 2]!]!;
    const l = lightnessOf(luminanceOf(r, g, b));
    const counts = columns[x]!;
    lightness[x] = l;
    weight += counts;
    red += counts * r;
    green += counts * g;
    blue += counts * b;
    light += counts * l;
    squares += counts * l * l;
  }
  sums.weight += rowWeight * weight;
  sums.red += rowWeight * red;
  sums.green += rowWeight * green;
  sums.blue += rowWeight * blue;
  sums.lightness += rowWeight * light;
  sums.squares += rowWeight * squares;
}

/** Sums up the Laplacian along a row, from the rows above and below it. */
function addEdges(
  sums: EdgeSums,
  rowWeight: number,
  columns: Float64Array,
  above: Float64Array,
  row: Float64Array,
  below: Float64Array,
): void {
  let weight = 0;
  let squares = 0;
  for (let x = 1; x < row.length - 1; x += 1) {
    const edge = 4 * row[x]! - (row[x - 1]! + row[x + 1]! + above[x]! + below[x]!);
    const counts = columns[x]!;
    weight += counts;
    squares += counts * edge * edge;
  }
  sums.weight += rowWeight * weight;
  sums.squares += rowWeight * squares;
}

/** Returns the weights along one side: 1 at `middle`, decreasing like a normal distribution. */
function bell(length: number, middle: number, spread: number): Float64Array {
  const weights = new Float64Array(length);
  for (let place = 0; place < length; place += 1) {
    const away = ((place + 0.5) / length - middle) / spread;
    weights[place] = Math.exp((-away * away) / 2);
  }
  return weights;
}

/** Returns the relative luminance (ITU-R BT.709). */
function luminanceOf(r: number, g: number, b: number): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Returns the CIE lightness, 0 to 1. */
function lightnessOf(luminance: number): number {
  return luminance > 216 / 24_389 ? 1.16 * cubeRoot(luminance) - 0.16 : (luminance * 24_389) / 2_700;
}

/** Returns the spread of the Laplacian relative to the contrast, so that flat light does not count as softness. */
function sharpnessOf({ weight, squares }: EdgeSums, contrast: number): number {
  const spread = weight === 0 ? 0 : Math.sqrt(squares / weight);
  return Math.log2((spread + 0.001) / (contrast + 0.01));
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
