import type { FaceBox } from "./face.ts";

/** Returns the box around landmarks. `points` holds x and y of each. */
export function extentOf(points: Float32Array): FaceBox {
  const xs = points.filter((_, at) => at % 2 === 0);
  const ys = points.filter((_, at) => at % 2 === 1);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
