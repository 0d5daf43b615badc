import type { Point } from "../face-landmarks.ts";
import type { FacePixels } from "../face.ts";
import type { Model } from "./load-runtime.ts";
import { placeInPicture, sampleSquare, type Square } from "./sample-square.ts";

/** Input size of the detector. */
export const DETECTOR_PX = 256;

/** The detector's grids: number of cells per side, and predictions per cell, in the order of the outputs. */
const GRIDS = [
  { cells: 16, each: 2 },
  { cells: 8, each: 6 },
] as const;
const ANCHORS: readonly Point[] = GRIDS.flatMap(({ cells, each }) =>
  Array.from({ length: cells * cells * each }, (_, at) => {
    const cell = Math.floor(at / each);
    const px = DETECTOR_PX / cells;
    return { x: ((cell % cells) + 0.5) * px, y: (Math.floor(cell / cells) + 0.5) * px };
  }),
);
/** Numbers of a prediction: centre, size, and six key points, relative to its anchor. */
const NUMBERS = 16;
const KEY_POINTS = { rightEye: 0, leftEye: 1 } as const;
/** Predictions below this score are ignored. The mesh model decides about the others. */
const LEAST_SCORE = 0.3;
/** Two predictions that share more than this part of the smaller one are the same face. */
const SAME_FACE = 0.4;
/** A picture with more faces is not a portrait; the rest is not examined. */
const MOST_FACES = 12;

/** A candidate for a face, in px of the picture. */
export interface Candidate {
  readonly score: number;
  readonly centre: Point;
  readonly sidePx: number;
  /** The person's right eye, which is on the left of the picture, and the left one. */
  readonly eyes: readonly [Point, Point];
}

/** Finds candidates for upright faces within a square of the picture. */
export function detectFaces(detector: Model, pixels: FacePixels, square: Square): readonly Candidate[] {
  const input = sampleSquare(pixels, square, DETECTOR_PX, { factor: 1 / 127.5, offset: -1 });
  // The outputs by size, smallest first: the scores of the second grid, those of the first, and the boxes in the same
  // order.
  const [scores8, scores16, boxes8, boxes16] = detector(input);
  if (scores8 === undefined || scores16 === undefined || boxes8 === undefined || boxes16 === undefined) {
    throw new Error("the detector has other outputs than expected");
  }
  const place = placeInPicture(square, DETECTOR_PX);
  const pointAt = (x: number, y: number): Point => {
    const [px, py] = place(x, y);
    return { x: px, y: py };
  };
  const candidates: Candidate[] = [];
  for (const [at, anchor] of ANCHORS.entries()) {
    const isFirst = at < scores16.length;
    const here = isFirst ? at : at - scores16.length;
    const score = sigmoid((isFirst ? scores16 : scores8)[here] ?? -Infinity);
    if (score < LEAST_SCORE) continue;
    const numbers = isFirst ? boxes16 : boxes8;
    const read = (index: number): number => numbers[here * NUMBERS + index] ?? 0;
    const keyPoint = (index: number): Point => pointAt(anchor.x + read(4 + 2 * index), anchor.y + read(5 + 2 * index));
    candidates.push({
      score,
      centre: pointAt(anchor.x + read(0), anchor.y + read(1)),
      sidePx: (Math.max(read(2), read(3)) * square.sidePx) / DETECTOR_PX,
      eyes: [keyPoint(KEY_POINTS.rightEye), keyPoint(KEY_POINTS.leftEye)],
    });
  }
  return bestOf(candidates);
}

/** Keeps the best of candidates that overlap. */
export function bestOf(candidates: readonly Candidate[]): readonly Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of candidates.toSorted((one, other) => other.score - one.score)) {
    if (kept.length === MOST_FACES) break;
    if (kept.every((other) => overlap(other, candidate) <= SAME_FACE)) kept.push(candidate);
  }
  return kept;
}

/** Returns the common area of two squares as a share of the smaller one's. */
function overlap(one: Candidate, other: Candidate): number {
  const along = (a: number, b: number): number =>
    Math.max(
      0,
      Math.min(a + one.sidePx / 2, b + other.sidePx / 2) - Math.max(a - one.sidePx / 2, b - other.sidePx / 2),
    );
  const common = along(one.centre.x, other.centre.x) * along(one.centre.y, other.centre.y);
  return common / Math.min(one.sidePx, other.sidePx) ** 2;
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
