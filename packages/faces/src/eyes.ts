import type { Point } from "./face-landmarks.ts";

/** Landmarks at the corners of the person's right and left eye. */
const CORNERS = { right: [33, 133], left: [263, 362] } as const;

/** Returns the centres of the eyes. `points` holds x and y of each landmark. */
export function eyesOf(points: Float32Array): { readonly right: Point; readonly left: Point } {
  const centre = ([one, other]: readonly [number, number]): Point => ({
    x: ((points[2 * one] ?? 0) + (points[2 * other] ?? 0)) / 2,
    y: ((points[2 * one + 1] ?? 0) + (points[2 * other + 1] ?? 0)) / 2,
  });
  return { right: centre(CORNERS.right), left: centre(CORNERS.left) };
}

/** Returns how far the line of the eyes is turned clockwise from the horizontal, in radians. */
export function tiltOf(points: Float32Array): number {
  const { right, left } = eyesOf(points);
  return Math.atan2(left.y - right.y, left.x - right.x);
}
