import { extentOf } from "../extent.ts";
import type { FaceMeasures, FacePixels } from "../face.ts";
import { sampleSquare } from "./sample-square.ts";

/** Size at which a face is measured, so that its own size does not matter. */
const MEASURED_PX = 96;
/** The share of pixels that are darker than a face's highlights. */
const HIGHLIGHTS = 0.95;

/** Measures a face's exposure and sharpness. `points` holds x and y of each landmark. */
export function measureFace(pixels: FacePixels, points: Float32Array): FaceMeasures {
  const { x, y, width, height } = extentOf(points);
  const square = { centreX: x + width / 2, centreY: y + height / 2, sidePx: Math.min(width, height), angle: 0 };
  const levels = sampleSquare(pixels, square, MEASURED_PX, { factor: 1, offset: 0 });
  const luma = Float32Array.from({ length: MEASURED_PX ** 2 }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = levels.subarray(3 * at, 3 * at + 3);
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  });
  return { highlights: luma.toSorted()[Math.floor(luma.length * HIGHLIGHTS)] ?? 0, detail: detailOf(luma) };
}

/** Returns the energy of the Laplacian relative to the variance. */
function detailOf(luma: Float32Array): number {
  const mean = luma.reduce((sum, level) => sum + level, 0) / luma.length;
  const variance = luma.reduce((sum, level) => sum + (level - mean) ** 2, 0) / luma.length;
  let energy = 0;
  for (let row = 1; row < MEASURED_PX - 1; row += 1) {
    for (let column = 1; column < MEASURED_PX - 1; column += 1) {
      const at = row * MEASURED_PX + column;
      const around = [at - 1, at + 1, at - MEASURED_PX, at + MEASURED_PX].reduce(
        (sum, near) => sum + (luma[near] ?? 0),
        0,
      );
      energy += (around - 4 * (luma[at] ?? 0)) ** 2;
    }
  }
  return variance === 0 ? 0 : energy / (MEASURED_PX - 2) ** 2 / variance;
}
