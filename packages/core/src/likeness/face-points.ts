export interface FacePoint {
  readonly x: number;
  readonly y: number;
}

/** Positions of a face's landmarks in px of its picture, indexed as in MediaPipe's FaceMesh. */
export interface FacePoints {
  readonly point: (index: number) => FacePoint;
}

/** Number of landmarks. */
export const FACE_POINTS = 468;

/** The landmarks used for measurements. `left` and `right` are sides of the picture. */
export const FACE_MARKS = {
  forehead: 10,
  chin: 152,
  left: 234,
  right: 454,
  noseTip: 1,
  noseTop: 168,
  noseBottom: 2,
  noseLeft: 129,
  noseRight: 358,
  jawLeft: 172,
  jawRight: 397,
  mouthLeft: 61,
  mouthRight: 291,
  leftEyeOuter: 33,
  leftEyeInner: 133,
  rightEyeOuter: 263,
  rightEyeInner: 362,
} as const;

type Mark = keyof typeof FACE_MARKS;

/** Returns the distance of two landmarks, in px. */
export function between(face: FacePoints, one: Mark, other: Mark): number {
  const [a, b] = [face.point(FACE_MARKS[one]), face.point(FACE_MARKS[other])];
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Returns the height of a face from the hairline to the chin, in px. */
export function faceHeight(face: FacePoints): number {
  return between(face, "forehead", "chin");
}

/** Returns the distance between the middles of the eyes, in px. */
export function eyeDistance(face: FacePoints): number {
  const [left, right] = eyesOf(face);
  return Math.hypot(left.x - right.x, left.y - right.y);
}

/** Returns the middles of the eyes, the one on the left of the picture first. */
function eyesOf(face: FacePoints): readonly [FacePoint, FacePoint] {
  const middle = (one: Mark, other: Mark): FacePoint => {
    const [a, b] = [face.point(FACE_MARKS[one]), face.point(FACE_MARKS[other])];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  };
  return [middle("leftEyeOuter", "leftEyeInner"), middle("rightEyeOuter", "rightEyeInner")];
}

/**
 * Returns how far a face is turned to the side: 0 for a frontal face, near 1 or -1 for a profile. Compares the
 * distances from the nose to both sides of the face.
 */
export function sidewaysLook(face: FacePoints): number {
  const [left, right] = [between(face, "left", "noseTip"), between(face, "right", "noseTip")];
  return (left - right) / (left + right);
}

/** Returns all landmarks. */
export function allPoints(face: FacePoints): readonly FacePoint[] {
  return Array.from({ length: FACE_POINTS }, (_, index) => face.point(index));
}
