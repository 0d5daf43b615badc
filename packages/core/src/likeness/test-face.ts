import { FACE_MARKS, FACE_POINTS, type FacePoint, type FacePoints } from "./face-points.ts";

const MARKS: Readonly<Record<keyof typeof FACE_MARKS, readonly [x: number, y: number]>> = {
  forehead: [0, -100],
  chin: [0, 100],
  left: [-75, -5],
  right: [75, -5],
  noseTip: [0, 18],
  noseTop: [0, -25],
  noseBottom: [0, 30],
  noseLeft: [-18, 25],
  noseRight: [18, 25],
  jawLeft: [-52, 65],
  jawRight: [52, 65],
  mouthLeft: [-25, 55],
  mouthRight: [25, 55],
  leftEyeOuter: [-48, -25],
  leftEyeInner: [-20, -25],
  rightEyeOuter: [48, -25],
  rightEyeInner: [20, -25],
};

/** A made-up face from the front, 200 px high: its marks, and the other landmarks on a regular oval. */
export function testFace(change: (point: FacePoint, index: number) => FacePoint = (point) => point): FacePoints {
  const points = Array.from({ length: FACE_POINTS }, (_, index) => {
    const [angle, share] = [index * 2.4, Math.sqrt((index + 0.5) / FACE_POINTS)];
    return { x: 70 * share * Math.cos(angle), y: 95 * share * Math.sin(angle) };
  });
  for (const [name, index] of Object.entries(FACE_MARKS)) {
    const [x, y] = MARKS[name as keyof typeof FACE_MARKS];
    points[index] = { x, y };
  }
  const placed = points.map((point, index) => change({ x: point.x + 150, y: point.y + 150 }, index));
  return {
    point: (index) => {
      const point = placed[index];
      if (point === undefined) throw new RangeError(`there is no landmark ${index}`);
      return point;
    },
  };
}
