import type { FacePixels, Turn } from "../face.ts";

/** Turns a picture clockwise. Returns the same object for 0. */
export function turnPixels(pixels: FacePixels, turn: Turn): FacePixels {
  if (turn === 0) return pixels;
  const { data, width, height, channels } = pixels;
  const isSideways = turn !== 180;
  const size = isSideways ? { width: height, height: width } : { width, height };
  const turned = new Uint8Array(width * height * channels);
  for (let y = 0; y < size.height; y += 1) {
    for (let x = 0; x < size.width; x += 1) {
      const [sourceX, sourceY] = placeBeforeTurn(x, y, pixels, turn);
      const from = (sourceY * width + sourceX) * channels;
      turned.set(data.subarray(from, from + channels), (y * size.width + x) * channels);
    }
  }
  return { data: turned, ...size, channels };
}

/** Returns a pixel's place in the picture before the turn. */
function placeBeforeTurn(
  x: number,
  y: number,
  { width, height }: Pick<FacePixels, "width" | "height">,
  turn: Exclude<Turn, 0>,
): readonly [x: number, y: number] {
  switch (turn) {
    case 90:
      return [y, height - 1 - x];
    case 180:
      return [width - 1 - x, height - 1 - y];
    case 270:
      return [width - 1 - y, x];
  }
  return turn satisfies never;
}

/** Returns positions in the turned picture as positions in the picture before the turn; x and y in turn. */
export function pointsBeforeTurn(
  points: Float32Array,
  { width, height }: Pick<FacePixels, "width" | "height">,
  turn: Turn,
): Float32Array {
  if (turn === 0) return points;
  const back = new Float32Array(points.length);
  for (let at = 0; at + 1 < points.length; at += 2) {
    // Positions are between pixels, so the largest position equals the side's length.
    const [x, y] = placeBeforeTurn(
      points[at] ?? 0,
      points[at + 1] ?? 0,
      { width: width + 1, height: height + 1 },
      turn,
    );
    back[at] = x;
    back[at + 1] = y;
  }
  return back;
}
