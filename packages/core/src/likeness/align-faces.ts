import { allPoints, FACE_MARKS, faceHeight, type FacePoint, type FacePoints } from "./face-points.ts";

/** The transformation from the face in one picture to the face in another. */
export interface FaceAlignment {
  /** Maps a position in the first picture to the second by translation, rotation and scaling (Procrustes). */
  readonly place: (point: FacePoint) => FacePoint;
  /** Root mean square of the landmark distances after alignment, as a share of the face's height. */
  readonly distance: number;
  /** Width / height of the second face relative to the first, over all landmarks. 0.9 means a tenth narrower. */
  readonly stretch: number;
}

/** Aligns two faces by least squares over all landmarks. */
export function alignFaces(first: FacePoints, second: FacePoints): FaceAlignment {
  const [from, to] = [allPoints(first), allPoints(second)];
  const [fromMiddle, toMiddle] = [middleOf(from), middleOf(to)];
  // Rotation and scale are one complex factor, re + im·i.
  let [re, im, size] = [0, 0, 0];
  for (const [at, point] of from.entries()) {
    const a = relative(point, fromMiddle);
    const b = relative(to[at] ?? toMiddle, toMiddle);
    re += a.x * b.x + a.y * b.y;
    im += a.x * b.y - a.y * b.x;
    size += a.x * a.x + a.y * a.y;
  }
  [re, im] = [re / size, im / size];
  const place = (point: FacePoint): FacePoint => {
    const { x, y } = relative(point, fromMiddle);
    return { x: re * x - im * y + toMiddle.x, y: im * x + re * y + toMiddle.y };
  };
  let squares = 0;
  for (const [at, point] of from.entries()) {
    const [placed, other] = [place(point), to[at] ?? toMiddle];
    squares += (placed.x - other.x) ** 2 + (placed.y - other.y) ** 2;
  }
  return {
    place,
    distance: Math.sqrt(squares / from.length) / faceHeight(second),
    stretch: stretchOf(uprightPoints(first, from, fromMiddle), uprightPoints(second, to, toMiddle)),
  };
}

/** Fits separate scales across and along the face, and returns their ratio. */
function stretchOf(from: readonly FacePoint[], to: readonly FacePoint[]): number {
  let [xx, xX, yy, yY] = [0, 0, 0, 0];
  for (const [at, a] of from.entries()) {
    const b = to[at] ?? a;
    xx += a.x * a.x;
    xX += a.x * b.x;
    yy += a.y * a.y;
    yY += a.y * b.y;
  }
  return xX / xx / (yY / yy);
}

/** Returns the landmarks centred and rotated so that the line from hairline to chin is vertical. */
function uprightPoints(face: FacePoints, points: readonly FacePoint[], middle: FacePoint): readonly FacePoint[] {
  const [top, bottom] = [face.point(FACE_MARKS.forehead), face.point(FACE_MARKS.chin)];
  const angle = Math.atan2(bottom.x - top.x, bottom.y - top.y);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return points.map((point) => {
    const { x, y } = relative(point, middle);
    return { x: x * cos - y * sin, y: x * sin + y * cos };
  });
}

function relative(point: FacePoint, middle: FacePoint): FacePoint {
  return { x: point.x - middle.x, y: point.y - middle.y };
}

function middleOf(points: readonly FacePoint[]): FacePoint {
  let [x, y] = [0, 0];
  for (const point of points) {
    x += point.x / points.length;
    y += point.y / points.length;
  }
  return { x, y };
}
