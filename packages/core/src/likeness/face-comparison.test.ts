import { expect, test } from "vitest";
import { FACE_FINDINGS, judgeFace, type FaceComparison } from "./face-comparison.ts";

const SAME: FaceComparison = {
  faces: { before: 1, after: 1 },
  likeness: 93,
  structure: {
    distance: 0.004,
    changes: { face: 0.01, jaw: -0.02, eyeDistance: 0.01, noseLength: 0, noseWidth: 0.03 },
  },
  skin: { lightness: 1.2, colour: 4, surroundings: 6 },
  head: { size: 0.02, moved: 0.01 },
};

const structure = (changes: Partial<NonNullable<FaceComparison["structure"]>["changes"]>, distance = 0.004) => ({
  structure: { distance, changes: { face: 0, jaw: 0, eyeDistance: 0, noseLength: 0, noseWidth: 0, ...changes } },
});

const CASES: readonly [name: string, change: Partial<FaceComparison>, expected: readonly string[]][] = [
  ["the same face", {}, []],
  ["a face that looks to the side", { structure: undefined, skin: undefined }, []],
  ["no face in source and result", { faces: { before: 0, after: 0 }, likeness: undefined }, []],
  ["another person", { likeness: 31 }, ["another_person: looks like another person: 31 of 100"]],
  [
    "another person, of whom the measures say nothing",
    { likeness: 12, ...structure({ jaw: -0.3 }) },
    ["another_person: looks like another person: 12 of 100"],
  ],
  ["a likeness at the limit", { likeness: 60 }, []],
  ["a narrow jaw", structure({ jaw: -0.09 }), ["structure: jaw 9 % narrower than in the source"]],
  ["a narrow face", structure({ face: -0.1 }), ["structure: face 10 % narrower than in the source"]],
  ["a wide face", structure({ face: 0.07 }), ["structure: face 7 % wider than in the source"]],
  [
    "a large and a small change",
    structure({ noseLength: -0.08, eyeDistance: 0.12 }),
    ["structure: eyes 12 % further apart than in the source", "structure: nose 8 % shorter than in the source"],
  ],
  [
    "features moved without a measure",
    structure({}, 0.016),
    ["structure: features placed differently than in the source, by 1.6 % of the face's height"],
  ],
  [
    "lighter skin",
    { skin: { lightness: 8.2, colour: 3, surroundings: 0.2 } },
    ["skin_tone: skin lighter by 8 L* while the background is unchanged"],
  ],
  [
    "darker skin in a lighter picture",
    { skin: { lightness: -7, colour: 3, surroundings: 12 } },
    ["skin_tone: skin darker by 7 L* beyond the whole picture's change of +12 L*"],
  ],
  [
    "skin of another colour",
    { skin: { lightness: 1, colour: 21, surroundings: 0 } },
    ["skin_tone: skin of another colour by 21 in a*b* while the background is unchanged"],
  ],
  ["a lost face", { faces: { before: 1, after: 0 }, likeness: undefined }, ["face_lost: no clear face is left"]],
  ["one face of two lost", { faces: { before: 2, after: 1 } }, ["face_lost: 1 face instead of the source's 2"]],
  ["a second face", { faces: { before: 1, after: 2 } }, ["face_gained: 2 faces, and 1 in the source"]],
  [
    "a face from nowhere",
    { faces: { before: 0, after: 1 }, likeness: undefined },
    ["face_gained: 1 face, and none in the source"],
  ],
  [
    "a closer cut",
    { head: { size: 0.4, moved: 0.2 } },
    ["head_size: head 40 % larger in the picture", "head_place: head moved by 20 % of the picture"],
  ],
];

test.each(CASES)("judges %s", (_, change, expected) => {
  const found = judgeFace({ ...SAME, ...change });
  expect(found.map(({ finding, reason }) => `${finding}: ${reason}`)).toEqual(expected);
});

test("has a case for each finding", () => {
  const seen = new Set(CASES.flatMap(([, change]) => judgeFace({ ...SAME, ...change }).map(({ finding }) => finding)));
  expect([...seen].toSorted()).toEqual([...FACE_FINDINGS].toSorted());
});
