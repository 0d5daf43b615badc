import { expect, it } from "vitest";
import {
  isKept,
  isTaken,
  takenMessage,
  takenWords,
  whatLies,
  type AtDestination,
  type WantedPicture,
} from "./at-destination.ts";
import { RESULT_METADATA, RESULT_NOTES_FOLDER } from "./result-metadata.ts";

type Marks = Partial<Record<keyof typeof RESULT_METADATA, string>>;

function head(marks: Marks) {
  const named = Object.entries(marks).map(([name, value]) => [RESULT_METADATA[name as keyof Marks], value]);
  return { metadata: Object.fromEntries(named) as Record<string, string> };
}

const WANTED: WantedPicture = { fingerprint: "f", place: "p", recipe: "r", simulated: false };
const OURS: Marks = { fingerprint: "f", place: "p", recipe: "r", batch: "b1", portrait: "3" };
const OTHER: Marks = { ...OURS, fingerprint: "g", recipe: "s" };
const CUT: WantedPicture = { ...WANTED, part: { name: "linkedin", of: "a.jpg" } };

it.each<[AtDestination, string, Marks | undefined, Partial<WantedPicture>, boolean]>([
  ["nothing", "no file", undefined, {}, false],
  ["foreign", "a file without marks", {}, {}, true],
  ["foreign", "marks of something else", { place: "p" }, {}, true],
  ["foreign", "a result that says no place", { fingerprint: "g" }, {}, true],
  ["delivered", "this order's result", OURS, {}, false],
  ["delivered", "this photo with this recipe, of another place", { ...OURS, place: "q" }, {}, false],
  ["older", "the place's result of an earlier photo", { ...OURS, fingerprint: "g" }, {}, false],
  ["other-recipe", "the place's result with another recipe", OTHER, {}, true],
  ["other-recipe", "the same, both the simulator's", { ...OTHER, simulated: "yes" }, { simulated: true }, true],
  ["older", "the same, of an earlier round of the batch", OTHER, { batchId: "b1" }, false],
  ["older", "what a retry made of an earlier photo", { ...OTHER, ordered: "h" }, { scheduled: true }, false],
  ["simulated", "the simulator's, with another recipe", { ...OTHER, simulated: "yes" }, {}, false],
  ["real", "a real one with another recipe, simulator's order", OTHER, { simulated: true }, true],
  ["another", "another place's result", { ...OURS, fingerprint: "g", place: "q" }, {}, true],
  ["another", "another place's simulated result", { fingerprint: "g", place: "q", simulated: "yes" }, {}, true],
  ["simulated", "the simulator's picture of this order", { ...OURS, simulated: "yes" }, {}, false],
  ["simulated", "the simulator's older picture", { fingerprint: "g", place: "p", simulated: "yes" }, {}, false],
  ["delivered", "a real result, simulator's order", OURS, { simulated: true }, false],
  ["delivered", "a simulated result, simulator's order", { ...OURS, simulated: "yes" }, { simulated: true }, false],
  [
    "real",
    "a real result with another recipe, simulator's order",
    { ...OURS, fingerprint: "g" },
    { simulated: true },
    true,
  ],
  ["older", "both the simulator's", { ...OURS, fingerprint: "g", simulated: "yes" }, { simulated: true }, false],
  ["older", "what a retry made for an order, no schedule", { ...OURS, fingerprint: "g", ordered: "f" }, {}, false],
  ["delivered", "the same, a schedule's", { ...OURS, fingerprint: "g", ordered: "f" }, { scheduled: true }, false],
  ["part", "a cut where a main picture goes", { ...OURS, part: "linkedin", of: "a.jpg" }, {}, true],
  ["part", "a main picture where a cut goes", OURS, CUT, true],
  ["part", "another main picture's cut", { ...OURS, part: "linkedin", of: "b.jpg" }, CUT, true],
  ["delivered", "this cut", { ...OURS, part: "linkedin", of: "a.jpg" }, CUT, false],
  ["older", "this cut of an older result", { ...OURS, fingerprint: "g", part: "linkedin", of: "a.jpg" }, CUT, false],
  ["another", "this cut of another place", { fingerprint: "g", place: "q", part: "linkedin", of: "a.jpg" }, CUT, true],
])("%s: %s", (expected, _, marks, wanted, taken) => {
  const found = whatLies(marks === undefined ? undefined : head(marks), { ...WANTED, ...wanted });
  expect(found).toBe(expected);
  expect(isTaken(found, false)).toBe(taken);
  expect(isTaken(found, true)).toBe(found === "real");
  expect(isTaken(found, "other-recipe")).toBe(taken && found !== "other-recipe");
  expect(isKept(found, false)).toBe(found === "other-recipe");
  for (const overwrite of [undefined, true, "other-recipe"] as const) expect(isKept(found, overwrite)).toBe(false);
  expect(takenWords(found, head(marks ?? {})) !== "").toBe(taken);
});

it("names the object at the key, and the remedy", () => {
  const words = takenWords("another", head(OURS));
  expect(words).toBe("another photo's result, portrait 3 of batch b1");
  expect(takenWords("part", head({ part: "linkedin", of: "a.jpg" }))).toBe("linkedin of a.jpg");
  expect(takenMessage("chef.jpg", "another", words, false)).toMatch(
    /^chef.jpg already exists: another photo's .*--overwrite/,
  );
  expect(takenMessage("chef.jpg", "another", words, true)).not.toContain(RESULT_NOTES_FOLDER);
  expect(takenMessage("chef.jpg", "foreign", words, true)).toContain(RESULT_NOTES_FOLDER);
  expect(takenMessage("chef.jpg", "real", words, true)).not.toContain("overwrite");
  expect(takenWords("other-recipe", head(OTHER))).toBe("this photo's result with another recipe, of batch b1");
  expect(takenMessage("chef.jpg", "other-recipe", words, true)).toMatch(/another destination, or .* --remake/);
});
