import { expect, test } from "vitest";
import type { FaceScores } from "./face-scores.ts";
import { batchLikenessSchema, TeamLikeness } from "./team-likeness.ts";

const SAME: FaceScores = { likeness: 96, structure: 0.4, skin: 0, findings: [], reasons: [] };

function resultOf(scores: readonly Partial<FaceScores>[]) {
  const team = new TeamLikeness();
  for (const score of scores) team.add({ ...SAME, ...score });
  const { result } = team;
  return result === null ? null : batchLikenessSchema.parse(result);
}

test("sums up likeness and findings", () => {
  const other = {
    likeness: 31,
    findings: ["another_person"],
    reasons: ["looks like another person: 31 of 100"],
  } as const;
  const changed = { likeness: 90, findings: ["structure", "structure", "skin_tone"], skin: 9 } as const;
  const lost = { likeness: null, skin: null, findings: ["face_lost"] } as const;
  expect(resultOf([{}, {}, { likeness: 100 }, other, changed, lost])).toEqual({
    compared: 6,
    least: 31,
    median: 96,
    review: 3,
    findings: { another_person: 1, structure: 1, skin_tone: 1, face_lost: 1 },
    tone: null,
  });
});

test("has no result for a batch in which no face was compared", () => {
  expect(resultOf([])).toBeNull();
  expect(resultOf([{ likeness: null, skin: null }])).toMatchObject({ compared: 1, least: null, median: null });
});

const shifts = (...skins: readonly (number | null)[]) => skins.map((skin) => ({ skin }));

test.each<[string, readonly Partial<FaceScores>[], string | null]>([
  [
    "all lighter",
    shifts(3, 2.5, 4, 2, 3),
    "the skin of 5 of 5 portraits gets lighter, by 3.0 L* in the middle, beyond the change of their backgrounds",
  ],
  ["most darker", shifts(-3, -2.5, -4, 0.5, -3, 2), null],
  [
    "four of five darker",
    shifts(-3, -2.5, -4, 0.5, -3),
    "the skin of 4 of 5 portraits gets darker, by 3.0 L* in the middle, beyond the change of their backgrounds",
  ],
  ["both ways", shifts(3, -3, 2, -2, 3, -4), null],
  ["small changes", shifts(1, 1.1, 1.2, 1, 1.3, 1.2), null],
  ["too few", shifts(5, 5, 5, 5), null],
  ["unmeasured", shifts(5, 5, 5, 5, null, null), null],
  ["another person's skin", [...shifts(5, 5, 5, 5), { skin: 9, findings: ["another_person"] }], null],
])("warns of a tone that changes one way: %s", (_, scores, expected) => {
  expect(resultOf(scores)?.tone ?? null).toBe(expected);
});
