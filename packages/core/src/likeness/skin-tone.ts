import type { FaceAlignment } from "./align-faces.ts";
import { faceHeight, type FacePoint, type FacePoints } from "./face-points.ts";

/** A decoded picture: upright sRGB, in row order. Only the first three channels of a pixel are read. */
export interface TonePixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
}

/** CIE L*a*b* (D65): lightness 0 to 100, and the two colour axes. */
export type Lab = readonly [lightness: number, a: number, b: number];

/** Landmarks on the cheeks and forehead, away from hair, lips and deep shadow. */
const SKIN_MARKS = [50, 101, 205, 280, 330, 425, 9, 151, 108, 337] as const;
/** Half the side of a patch, as a share of the face's height. */
const PATCH_SHARE = 0.025;
/** Number of columns and rows of the grid of sample points in the rest of the picture. */
const GRID = 32;
const GRID_PATCH_PX = 2;
/** Sample points closer to the face than this share of its height are not used. */
const FACE_REACH = 0.75;
/**
 * Minimum number of common sample points, and maximum difference between light and dark ones, for two surroundings to
 * be the same.
 */
const FEWEST_PLACES = 60;
const LEAST_CORRELATION = 0.7;
/**
 * Difference in lightness at which the weight of a sample point is about halved. Points as light as the skin say the
 * most about its exposure.
 */
const SIMILAR_LIGHTNESS = 12;
const LEAST_WEIGHT = 0.02;

/** The change of the skin, in L*a*b*. */
export interface SkinChange {
  /** Change of lightness relative to the surroundings; positive is lighter. */
  readonly lightness: number;
  /** Change of colour relative to the surroundings: the distance in a* and b*. */
  readonly colour: number;
  /** Change of the surroundings where they are as light as the skin. */
  readonly surroundings: number;
}

export interface ToneOf {
  readonly pixels: TonePixels;
  readonly face: FacePoints;
}

/**
 * Compares the skin of a face in two pictures, corrected for the exposure and white balance of the whole picture, which
 * its surroundings show.
 *
 * @returns undefined if the background was replaced, or the face fills the picture: then nothing tells the skin's change
 *   from the exposure's
 */
export function compareSkin(source: ToneOf, result: ToneOf, alignment: FaceAlignment): SkinChange | undefined {
  const [before, after] = [skinOf(source), skinOf(result)];
  const pairs = surroundingPairs(source, result, alignment);
  const isSameScene = pairs.length >= FEWEST_PLACES && correlation(pairs) >= LEAST_CORRELATION;
  if (!isSameScene) return undefined;
  const weights = pairs.map(([one]) => LEAST_WEIGHT + Math.exp(-(((one[0] - before[0]) / SIMILAR_LIGHTNESS) ** 2) / 2));
  // A curve through black and white models both exposure and contrast.
  const power = weightedMedian(
    pairs.map(([one, other]) => Math.log(share(other[0])) / Math.log(share(one[0]))),
    weights,
  );
  const expected = 100 * share(before[0]) ** power;
  const shift = (axis: 1 | 2): number =>
    weightedMedian(
      pairs.map(([one, other]) => other[axis] - one[axis]),
      weights,
    );
  return {
    lightness: after[0] - expected,
    colour: Math.hypot(after[1] - before[1] - shift(1), after[2] - before[2] - shift(2)),
    surroundings: expected - before[0],
  };
}

function skinOf({ pixels, face }: ToneOf): Lab {
  const reach = Math.max(1, Math.round(faceHeight(face) * PATCH_SHARE));
  const patches = SKIN_MARKS.map((mark) => patchOf(pixels, face.point(mark), reach)).filter(
    (patch) => patch !== undefined,
  );
  const middle = (axis: 0 | 1 | 2): number => medianOf(patches.map((patch) => patch[axis]));
  return [middle(0), middle(1), middle(2)];
}

/** Returns the colours of sample points around the face in both pictures. */
function surroundingPairs(
  source: ToneOf,
  { pixels }: ToneOf,
  { place }: FaceAlignment,
): readonly (readonly [Lab, Lab])[] {
  const { width, height } = source.pixels;
  const middle = source.face.point(SKIN_MIDDLE);
  const reach = faceHeight(source.face) * FACE_REACH;
  const pairs: (readonly [Lab, Lab])[] = [];
  for (let row = 0; row < GRID; row += 1) {
    for (let column = 0; column < GRID; column += 1) {
      const point = { x: ((column + 0.5) * width) / GRID, y: ((row + 0.5) * height) / GRID };
      if (Math.hypot(point.x - middle.x, point.y - middle.y) < reach) continue;
      const one = patchOf(source.pixels, point, GRID_PATCH_PX);
      const other = one === undefined ? undefined : patchOf(pixels, place(point), GRID_PATCH_PX);
      if (one !== undefined && other !== undefined) pairs.push([one, other]);
    }
  }
  return pairs;
}

/** The tip of the nose. */
const SKIN_MIDDLE = 1;

/** Returns the mean colour around a point; undefined outside of the picture. */
function patchOf({ data, width, height, channels }: TonePixels, { x, y }: FacePoint, reach: number): Lab | undefined {
  const [middleX, middleY] = [Math.floor(x), Math.floor(y)];
  const [left, right] = [Math.max(0, middleX - reach), Math.min(width - 1, middleX + reach)];
  const [top, bottom] = [Math.max(0, middleY - reach), Math.min(height - 1, middleY + reach)];
  if (middleX < 0 || middleY < 0 || middleX >= width || middleY >= height) return undefined;
  let [red, green, blue, count] = [0, 0, 0, 0];
  for (let row = top; row <= bottom; row += 1) {
    for (let column = left; column <= right; column += 1) {
      const at = (row * width + column) * channels;
      red += data[at] ?? 0;
      green += data[at + 1] ?? 0;
      blue += data[at + 2] ?? 0;
      count += 1;
    }
  }
  return labOf(red / count, green / count, blue / count);
}

/** Converts sRGB levels of 0 to 255 (IEC 61966-2-1, D65). */
export function labOf(red: number, green: number, blue: number): Lab {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const x = curve((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = curve(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = curve((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function linear(level: number): number {
  const share = level / 255;
  return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function curve(value: number): number {
  return value > 216 / 24_389 ? Math.cbrt(value) : (value * 24_389) / 27 / 116 + 16 / 116;
}

/** Returns a lightness as a share of white. Excludes values near 0 and 1, for which the exponent is undefined. */
function share(lightness: number): number {
  return Math.min(0.97, Math.max(0.03, lightness / 100));
}

function correlation(pairs: readonly (readonly [Lab, Lab])[]): number {
  const [a, b] = [pairs.map(([one]) => one[0]), pairs.map(([, other]) => other[0])];
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [at, value] of a.entries()) {
    const [da, db] = [value - meanA, (b[at] ?? 0) - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  // Plain backgrounds have no variation, so they count as the same if they are nearly equal.
  return aa * bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function medianOf(values: readonly number[]): number {
  return weightedMedian(
    values,
    values.map(() => 1),
  );
}

function weightedMedian(values: readonly number[], weights: readonly number[]): number {
  const sorted = values.map((value, at) => ({ value, weight: weights[at] ?? 0 })).toSorted((a, b) => a.value - b.value);
  let left = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  for (const { value, weight } of sorted) {
    left -= weight;
    if (left <= 0) return value;
  }
  return sorted.at(-1)?.value ?? 0;
}
