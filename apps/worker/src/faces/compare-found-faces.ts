import {
  alignFaces,
  compareSkin,
  compareStructure,
  faceHeight,
  type FaceComparison,
  type HeadChange,
  type TonePixels,
} from "@darkroom/core";
import type { Face } from "@darkroom/faces";

/** A picture and the faces that were found in it, the largest first. */
export interface SeenFaces {
  readonly pixels: TonePixels;
  readonly faces: readonly Face[];
}

/**
 * Compares the faces of a result with those of its source. Compares each face with the one at the same position.
 * Ignores blurred, dark and tiny faces, unless the other picture shows them clearly.
 */
export function compareFoundFaces(source: SeenFaces, result: SeenFaces): FaceComparison {
  const [clearBefore, clearAfter] = [clearIn(source), clearIn(result)];
  const after = clearAfter.length;
  const faces = { before: Math.max(clearBefore.length, Math.min(source.faces.length, after)), after };
  const pairs = pairsOf({ ...source, faces: clearBefore }, { ...result, faces: clearAfter });
  const [main] = pairs;
  if (main === undefined) return { faces };
  const [one, other] = main;
  const alignment = alignFaces(one.landmarks, other.landmarks);
  const structure = compareStructure(one.landmarks, other.landmarks, alignment);
  const tones = [
    { pixels: source.pixels, face: one.landmarks },
    { pixels: result.pixels, face: other.landmarks },
  ] as const;
  return {
    faces,
    likeness: Math.min(...pairs.map((pair) => likenessOf(...pair))),
    structure,
    // The far cheek of a face that looks to the side is hair or background.
    skin: structure === undefined ? undefined : compareSkin(...tones, alignment),
    head: headChange(source, one, result, other),
  };
}

function clearIn({ faces }: SeenFaces): readonly Face[] {
  return faces.filter(({ description }) => description.isClear);
}

function likenessOf(before: Face, after: Face): number {
  return before.description.likenessTo(after.description);
}

/** Pairs the faces of both pictures by their places, the source's largest face first. */
function pairsOf(source: SeenFaces, result: SeenFaces): readonly (readonly [Face, Face])[] {
  const left = [...result.faces];
  const pairs: (readonly [Face, Face])[] = [];
  for (const face of source.faces) {
    const place = placeOf(source, face);
    const distances = left.map((other) => {
      const there = placeOf(result, other);
      return Math.hypot(place.x - there.x, place.y - there.y);
    });
    const nearest = distances.indexOf(Math.min(...distances));
    const [other] = left.splice(nearest, nearest < 0 ? 0 : 1);
    if (other !== undefined) pairs.push([face, other]);
  }
  return pairs;
}

/** Returns the middle of a face, as shares of the picture's sides. */
function placeOf({ pixels }: SeenFaces, { box }: Face): { readonly x: number; readonly y: number } {
  return { x: (box.x + box.width / 2) / pixels.width, y: (box.y + box.height / 2) / pixels.height };
}

function headChange(source: SeenFaces, before: Face, result: SeenFaces, after: Face): HeadChange {
  const [one, other] = [placeOf(source, before), placeOf(result, after)];
  const share = ({ pixels }: SeenFaces, { landmarks }: Face): number =>
    faceHeight(landmarks) / Math.hypot(pixels.width, pixels.height);
  return {
    size: share(result, after) / share(source, before) - 1,
    moved: Math.max(Math.abs(one.x - other.x), Math.abs(one.y - other.y)),
  };
}
