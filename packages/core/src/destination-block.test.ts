import { expect, test } from "vitest";
import { blockOf, destinationFault, foldersOf, type BlockedDestination } from "./destination-block.ts";

const URL = "s3://studio/out/";
const OWN = "_darkroom/b1/";

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
])("a refused folder '%s' stops the result %s: %s", (folder, key, stops) => {
  const place = { url: URL, ownFolder: OWN, ...(key === undefined ? {} : { key }) };
  expect(blockOf([blocked(folder)], place) !== undefined).toBe(stops);
});

test("another destination's refusal stops nothing, be it above or below", () => {
  const others = [blocked("", "s3://studio/"), blocked("", "s3://studio/out/team/")];
  expect(blockOf(others, { url: URL, ownFolder: OWN, key: "team/anna.jpg" })).toBeUndefined();
});

test("a key's folders are named from the top down", () => {
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
