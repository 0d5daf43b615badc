import { tiltOf } from "../eyes.ts";
import { CLEAR_STRENGTH, strengthOf } from "../face-description.ts";
import { extentOf } from "../extent.ts";
import type { FaceBox, FaceMeasures, FacePixels, Turn } from "../face.ts";
import { bestOf, DETECTOR_PX, detectFaces } from "./detect-faces.ts";
import { describeFace, DESCRIBER_PX, findLandmarks, MESH_PX } from "./examine-face.ts";
import { loadRuntime, type Model } from "./load-runtime.ts";
import { measureFace } from "./measure-face.ts";
import type { Square } from "./sample-square.ts";
import { pointsBeforeTurn, turnPixels } from "./turn-pixels.ts";

/** A face as plain numbers, for the message from the thread. */
export interface RawFace extends FaceMeasures {
  readonly score: number;
  /** x and y of each landmark, in px of the input picture. */
  readonly points: Float32Array;
  readonly description: Float32Array;
}

export interface RawFaces {
  readonly faces: readonly RawFace[];
  readonly turn: Turn;
}

interface Models {
  readonly detector: Model;
  readonly mesh: Model;
  readonly describer: Model;
}

/** Least certainty of the mesh model that a candidate is a face. */
const LEAST_SCORE = 0.5;
/** A face that is tilted more, in radians, is searched again in the turned picture. */
const MOST_TILT = Math.PI / 3;
/** Factor by which a description in the rotated picture must be stronger. */
const CLEARLY_MORE = 1.5;
const TURNS = [0, 90, 180, 270] as const;
/** A picture without a face is searched again in parts of this share of its longer side, for small faces. */
const PART_SHARE = 0.5;
/** Parts begin at these shares of the room that a part leaves. */
const PART_STEPS = [0, 0.5, 1];

export async function loadModels(): Promise<Models> {
  const runtime = await loadRuntime();
  const [detector, mesh, describer] = await Promise.all([
    runtime.load("blazeface", DETECTOR_PX),
    runtime.load("facemesh", MESH_PX),
    runtime.load("faceres", DESCRIBER_PX),
  ]);
  return { detector, mesh, describer };
}

/**
 * Finds the faces of a picture. Unless the largest is clear and upright, rotates the picture by multiples of 90° and
 * uses the rotation with the clearest result. If no face is found, searches parts of the picture for small faces.
 */
export function findInPixels(models: Models, pixels: FacePixels): RawFaces {
  let best: RawFaces | undefined;
  for (const turn of TURNS) {
    const turned = turnPixels(pixels, turn);
    const faces = facesIn(models, turned, wholePicture(turned));
    const [largest] = faces;
    if (largest === undefined) continue;
    const isUpright = Math.abs(tiltOf(largest.points)) <= MOST_TILT;
    const back = faces.map((face) => ({ ...face, points: pointsBeforeTurn(face.points, pixels, turn) }));
    const found = { faces: back, turn };
    if (isUpright && strengthOf(largest.description) >= CLEAR_STRENGTH) return found;
    if (best === undefined || showsMore(found, best)) best = found;
  }
  return best ?? { faces: facesIn(models, pixels, partsOfPicture(pixels)), turn: 0 };
}

/** True if a turned picture shows clearly more of its face than the upright one. */
function showsMore(one: RawFaces, other: RawFaces): boolean {
  const shown = ({ faces: [largest] }: RawFaces): number =>
    largest === undefined ? 0 : strengthOf(largest.description);
  return shown(one) > CLEARLY_MORE * shown(other);
}

function facesIn(models: Models, pixels: FacePixels, squares: readonly Square[]): readonly RawFace[] {
  const candidates = bestOf(squares.flatMap((square) => detectFaces(models.detector, pixels, square)));
  const found: { readonly sidePx: number; readonly face: RawFace }[] = [];
  for (const candidate of candidates) {
    const { score, points } = findLandmarks(models.mesh, pixels, candidate);
    const box = extentOf(points);
    if (score < LEAST_SCORE || found.some(({ face }) => isWithin(box, extentOf(face.points)))) continue;
    const description = describeFace(models.describer, pixels, candidate);
    const face = { score, points, description, ...measureFace(pixels, points) };
    found.push({ sidePx: candidate.sidePx, face });
  }
  return found.toSorted((one, other) => other.sidePx - one.sidePx).map(({ face }) => face);
}

/** True if the centre of one box is inside the other: both are the same face, found in two parts of the picture. */
function isWithin({ x, y, width, height }: FaceBox, other: FaceBox): boolean {
  const [right, down] = [x + width / 2 - other.x, y + height / 2 - other.y];
  return right >= 0 && right <= other.width && down >= 0 && down <= other.height;
}

/** The picture, padded to a square. */
function wholePicture({ width, height }: FacePixels): readonly Square[] {
  return [{ centreX: width / 2, centreY: height / 2, sidePx: Math.max(width, height), angle: 0 }];
}

function partsOfPicture({ width, height }: FacePixels): readonly Square[] {
  const sidePx = Math.max(width, height) * PART_SHARE;
  const centres = (side: number): readonly number[] =>
    side <= sidePx ? [side / 2] : PART_STEPS.map((step) => sidePx / 2 + (side - sidePx) * step);
  return centres(height).flatMap((centreY) =>
    centres(width).map((centreX) => ({ centreX, centreY, sidePx, angle: 0 })),
  );
}
