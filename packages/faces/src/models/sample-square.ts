import type { FacePixels } from "../face.ts";

/** A square region of a picture. May extend beyond the picture; the outside is black. */
export interface Square {
  readonly centreX: number;
  readonly centreY: number;
  readonly sidePx: number;
  /** Clockwise rotation of the square in the picture, in radians. */
  readonly angle: number;
}

/** Scales the levels 0 to 255 to a model's input. */
export interface Levels {
  readonly factor: number;
  readonly offset: number;
}

/** Converts a position in the sampled square of the given size to a position in the picture. */
export function placeInPicture(
  { centreX, centreY, sidePx, angle }: Square,
  size: number,
): (x: number, y: number) => readonly [x: number, y: number] {
  const scale = sidePx / size;
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  return (x, y) => {
    const [right, down] = [x - size / 2, y - size / 2];
    return [centreX + right * cos - down * sin, centreY + right * sin + down * cos];
  };
}

/** More samples per side of an output pixel make no difference to the models. */
const MOST_PARTS = 2;

/**
 * Samples a square of a picture as a model's input of `size` × `size` × 3 numbers. Interpolates between pixels, and
 * averages several samples where the picture is scaled down.
 */
export function sampleSquare(pixels: FacePixels, square: Square, size: number, levels: Levels): Float32Array {
  const { data, width, height, channels } = pixels;
  const parts = Math.min(MOST_PARTS, Math.max(1, Math.round(square.sidePx / size)));
  const factor = levels.factor / (parts * parts);
  const sampled = new Float32Array(size * size * 3).fill(levels.offset);
  const grid = size * parts;
  // The inner loop avoids allocations: it runs a million times for a picture.
  const cos = (Math.cos(square.angle) * square.sidePx) / grid;
  const sin = (Math.sin(square.angle) * square.sidePx) / grid;
  const [firstX, firstY] = placeInPicture(square, grid)(0.5, 0.5);
  const originX = firstX - 0.5;
  const originY = firstY - 0.5;
  for (let row = 0; row < grid; row += 1) {
    const line = Math.floor(row / parts) * size;
    for (let column = 0; column < grid; column += 1) {
      const x = originX + column * cos - row * sin;
      const y = originY + column * sin + row * cos;
      const left = Math.floor(x);
      const top = Math.floor(y);
      const right = x - left;
      const down = y - top;
      const to = (line + Math.floor(column / parts)) * 3;
      for (let corner = 0; corner < 4; corner += 1) {
        const dx = corner & 1;
        const dy = corner >> 1;
        if (left + dx < 0 || top + dy < 0 || left + dx >= width || top + dy >= height) continue;
        const weight = factor * (dx === 1 ? right : 1 - right) * (dy === 1 ? down : 1 - down);
        const from = ((top + dy) * width + left + dx) * channels;
        sampled[to] = (sampled[to] ?? 0) + (data[from] ?? 0) * weight;
        sampled[to + 1] = (sampled[to + 1] ?? 0) + (data[from + 1] ?? 0) * weight;
        sampled[to + 2] = (sampled[to + 2] ?? 0) + (data[from + 2] ?? 0) * weight;
      }
    }
  }
  return sampled;
}
