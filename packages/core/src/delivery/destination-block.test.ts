import { expect, test } from "vitest";
import { blockOf, destinationFault, foldersOf, type BlockedDestination } from "./destination-block.ts";

const URL = "s3://studio/out/";
const BATCH = { id: "b1", destination: { url: URL } };

function blocked(folder: string, url = URL): BlockedDestination {
  return { url, folder, reason: "denied", message: "", since: "", nextLookAt: 0 };
}

test.each([
  ["", undefined, true],
  ["", "team/anna.jpg", true],
  ["_darkroom/", undefined, true],
  ["_darkroom/b1/", "team/anna.jpg", true],
  ["_darkroom/b2/", "team/anna.jpg", false],
  ["team/", undefined, false],
  ["team/", "team/anna.jpg", true],
  ["team/", "teams/anna.jpg", false],
  ["team/", "anna.jpg", false],
])("a refused folder '%s' blocks the result %s: %s", (folder, key, stops) => {
  expect(blockOf([blocked(folder)], BATCH, key) !== undefined).toBe(stops);
});

test("another destination's refusal blocks no result, whether above or below", () => {
  const others = [blocked("", "s3://studio/"), blocked("", "s3://studio/out/team/")];
  expect(blockOf(others, BATCH, "team/anna.jpg")).toBeUndefined();
});

test("a schedule's record that cannot be written blocks every result, because the next run would pay for it again", () => {
  const deliveredUrl = "s3://studio/_darkroom/schedules/nightly/delivered/";
  const memory = blocked("ab/", deliveredUrl);
  expect(blockOf([memory], { ...BATCH, schedule: { id: "nightly", deliveredUrl, resultsUrl: "s3://studio/" } })).toBe(
    memory,
  );
  expect(blockOf([memory], BATCH)).toBeUndefined();
});

test("a key's folders are listed from the top down", () => {
  expect(foldersOf("anna.jpg")).toEqual([""]);
  expect(foldersOf("a/b/anna.jpg")).toEqual(["", "a/", "a/b/"]);
});

test.each([
  ["storage_denied", "denied"],
  ["storage_full", "full"],
  ["storage_not_found", "missing"],
  ["storage_unavailable", "unavailable"],
  ["storage_invalid", "unusable"],
  ["internal", "unusable"],
] as const)("a probe that fails with %s makes a destination %s", (code, fault) => {
  expect(destinationFault(code)).toBe(fault);
});
