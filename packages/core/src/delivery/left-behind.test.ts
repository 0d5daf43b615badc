import { expect, it } from "vitest";
import type { WantedPicture } from "./at-destination.ts";
import { isCompared, leftBehind, leftBehindWarning, type LeftBehind } from "./left-behind.ts";
import { RESULT_METADATA } from "./result-metadata.ts";

type Marks = Partial<Record<keyof typeof RESULT_METADATA, string>>;

function head(marks: Marks) {
  const named = Object.entries(marks).map(([name, value]) => [RESULT_METADATA[name as keyof Marks], value]);
  return { metadata: Object.fromEntries(named) as Record<string, string> };
}

const WANTED: WantedPicture = { fingerprint: "f", place: "p", recipe: "r", simulated: false };
const OURS: Marks = { fingerprint: "f", place: "p", recipe: "r", batch: "b1" };
const OLDER: Marks = { ...OURS, fingerprint: "g" };
const UNKNOWN = { fingerprint: "" };
const TWIN = { simulated: true };

it.each<[LeftBehind | undefined, string, Marks | undefined, Partial<WantedPicture>, boolean]>([
  [undefined, "no file", undefined, {}, true],
  [undefined, "the portrait's own picture", OURS, {}, true],
  ["earlier_photo", "the result of an earlier photo", OLDER, {}, true],
  ["earlier_photo", "the same, both simulated", { ...OLDER, simulated: "yes" }, TWIN, true],
  ["earlier_result", "a result of a photo that was not compared", OURS, UNKNOWN, false],
  ["earlier_result", "a real result where a simulated one is ordered", { ...OLDER, recipe: "s" }, TWIN, true],
  ["other_recipe", "another recipe's result", { ...OLDER, recipe: "s" }, {}, true],
  ["simulated", "a simulated picture of this photo", { ...OURS, simulated: "yes" }, {}, true],
  ["simulated", "a simulated picture of an earlier photo", { ...OLDER, simulated: "yes" }, {}, true],
  ["simulated", "a simulated picture of another place", { ...OLDER, place: "q", simulated: "yes" }, {}, true],
  ["other_file", "another photo's result", { ...OLDER, place: "q" }, {}, true],
  ["other_file", "a cut", { ...OURS, part: "linkedin", of: "a.jpg" }, {}, true],
  ["other_file", "a file that Darkroom did not make", {}, {}, true],
])("%s: %s", (expected, _, marks, wanted, compared) => {
  const found = leftBehind(marks === undefined ? undefined : head(marks), { ...WANTED, ...wanted }, compared);
  expect(found).toBe(expected);
});

it("knows which outcomes follow a comparison of photo and destination", () => {
  expect([isCompared("invalid_image"), isCompared("content_policy"), isCompared("source_missing")]).toEqual([
    true,
    true,
    true,
  ]);
  expect([isCompared("cancelled"), isCompared("over_budget")]).toEqual([false, false]);
});

it("describes the remaining file", () => {
  expect(leftBehindWarning("earlier_photo")).toBe(
    "the destination still has the result of an earlier photo under this name",
  );
});
