import { expect, test } from "vitest";
import { alignFaces } from "./align-faces.ts";
import { FACE_MARKS, type FacePoint } from "./face-points.ts";
import { compareStructure, structureReasons } from "./face-structure.ts";
import { testFace } from "./test-face.ts";

const reasons = (change: (point: FacePoint, index: number) => FacePoint): readonly string[] => {
  const structure = compareStructure(testFace(), testFace(change));
  if (structure === undefined) throw new Error("the structure was not compared");
  return structureReasons(structure);
};

test("does not see that a face moved, turned and grew", () => {
  const moved = testFace(({ x, y }) => ({ x: 3 * x - 0.4 * y + 80, y: 0.4 * x + 3 * y - 20 }));
  const { distance, stretch, place } = alignFaces(testFace(), moved);
  expect(distance).toBeCloseTo(0, 6);
  expect(stretch).toBeCloseTo(1, 6);
  const [from, to] = [testFace().point(FACE_MARKS.chin), moved.point(FACE_MARKS.chin)];
  expect(place(from).x).toBeCloseTo(to.x, 6);
  expect(place(from).y).toBeCloseTo(to.y, 6);
});

test.each([0.9, 0.95, 1.1])("measures that a face is %f times as wide, also in a turned picture", (factor) => {
  const turned = ({ x, y }: FacePoint): FacePoint => ({ x: 0.8 * x - 0.6 * y, y: 0.6 * x + 0.8 * y });
  const narrowed = ({ x, y }: FacePoint): FacePoint => ({ x: x * factor, y });
  const { stretch, distance } = alignFaces(
    testFace(turned),
    testFace((point) => turned(narrowed(point))),
  );
  expect(stretch).toBeCloseTo(factor, 2);
  expect(distance).toBeGreaterThan(0.005);
});

const only = (marks: readonly (keyof typeof FACE_MARKS)[], change: (point: FacePoint) => FacePoint) => {
  const indices = new Set<number>(marks.map((mark) => FACE_MARKS[mark]));
  return (point: FacePoint, index: number): FacePoint => (indices.has(index) ? change(point) : point);
};
const across =
  (factor: number) =>
  ({ x, y }: FacePoint): FacePoint => ({ x: 150 + (x - 150) * factor, y });

test.each<[string, string, (point: FacePoint, index: number) => FacePoint]>([
  ["a face", "face 10 % narrower than in the source", across(0.9)],
  ["a jaw", "jaw 9 % narrower than in the source", only(["jawLeft", "jawRight"], across(0.91))],
  [
    "eyes",
    "eyes 8 % further apart than in the source",
    only(["leftEyeOuter", "leftEyeInner", "rightEyeOuter", "rightEyeInner"], across(1.08)),
  ],
  ["a nose", "nose 18 % shorter than in the source", only(["noseBottom"], ({ x, y }) => ({ x, y: y - 10 }))],
  ["nostrils", "nose 20 % wider than in the source", only(["noseLeft", "noseRight"], across(1.2))],
])("names that %s changed", (_, expected, change) => {
  expect(reasons(change)).toEqual([expected]);
});

test("reports no change for the same face, or for a smile", () => {
  expect(reasons((point) => point)).toEqual([]);
  expect(reasons(only(["mouthLeft", "mouthRight"], across(1.2)))).toEqual([]);
});

test("names features that are elsewhere, though no single measure changed", () => {
  const shaken = reasons(({ x, y }, index) =>
    Object.values<number>(FACE_MARKS).includes(index) ? { x, y } : { x: x + (index % 2 === 0 ? 4 : -4), y },
  );
  expect(shaken).toEqual(["features placed differently than in the source, by 2.0 % of the face's height"]);
});

test("does not compare a face that looks to the side", () => {
  const sideways = testFace(only(["noseTip"], ({ x, y }) => ({ x: x + 40, y })));
  expect(compareStructure(testFace(), sideways)).toBeUndefined();
  expect(compareStructure(sideways, testFace())).toBeUndefined();
});
