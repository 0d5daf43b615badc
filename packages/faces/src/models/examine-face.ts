import { LANDMARKS } from "../face-landmarks.ts";
import type { FacePixels } from "../face.ts";
import type { Candidate } from "./detect-faces.ts";
import type { Model } from "./load-runtime.ts";
import { placeInPicture, sampleSquare, type Square } from "./sample-square.ts";

export const MESH_PX = 192;
export const DESCRIBER_PX = 224;
/** Side of the examined square, relative to the detected face. */
const MESH_SIDE = 1.5;
const DESCRIBER_SIDE = 1.4;

/** The models' findings about a face. `points` holds x and y of each landmark, in px of the picture. */
export interface ExaminedFace {
  readonly score: number;
  readonly points: Float32Array;
}

/** Finds a candidate's landmarks, and how certain it is a face. */
export function findLandmarks(mesh: Model, pixels: FacePixels, candidate: Candidate): ExaminedFace {
  const square = squareAround(candidate, MESH_SIDE);
  const [flag, , numbers] = mesh(sampleSquare(pixels, square, MESH_PX, { factor: 1 / 255, offset: 0 }));
  if (flag === undefined || numbers?.length !== 3 * LANDMARKS) {
    throw new Error("the landmark model has other outputs than expected");
  }
  const place = placeInPicture(square, MESH_PX);
  const points = new Float32Array(2 * LANDMARKS);
  for (let index = 0; index < LANDMARKS; index += 1) {
    points.set(place(numbers[3 * index] ?? 0, numbers[3 * index + 1] ?? 0), 2 * index);
  }
  return { score: flag[0] ?? 0, points };
}

/** Describes a face for comparisons. */
export function describeFace(describer: Model, pixels: FacePixels, candidate: Candidate): Float32Array {
  const square = squareAround(candidate, DESCRIBER_SIDE);
  const outputs = describer(sampleSquare(pixels, square, DESCRIBER_PX, { factor: 1, offset: 0 }));
  const description = outputs.at(-1);
  if (description === undefined) throw new Error("the description model has other outputs than expected");
  return description;
}

/** Returns the square around a face, turned so that the eyes are on a horizontal line. */
function squareAround({ centre, sidePx, eyes: [right, left] }: Candidate, factor: number): Square {
  const angle = Math.atan2(left.y - right.y, left.x - right.x);
  return { centreX: centre.x, centreY: centre.y, sidePx: sidePx * factor, angle };
}
