import { expect, test } from "vitest";
import { batchKeys } from "@darkroom/core";
import { keptAfterClean } from "./kept-after-clean.ts";

const id = "01k9zzzzzzzzzzzzzzzzzzzzzz";
const keys = batchKeys(id);

test.each([
  ["what was accepted", keys.spec, "delete", true],
  ["the report", keys.reportCsv, "keep", true],
  ["the report", keys.reportJsonl, "delete", false],
  ["a paid picture without a place", keys.kept(0, "abc", "jpg"), "keep", true],
  ["a place of delivered copies", keys.finalPlace("abc"), "keep", true],
  ["a place of delivered copies", keys.finalPlace("abc"), "delete", false],
  ["a paid picture without a place", keys.kept(0, "abc", "jpg"), "delete", false],
  ["people's decisions", keys.reviewLine(1, 2), "keep", true],
  ["people's decisions", keys.reviewLine(1, 2), "delete", false],
  ["a part of the report", keys.reportPart(0, "1-1"), "keep", false],
  ["a converted photo", keys.input(0, "v", "jpg"), "keep", false],
  ["an uploaded manifest", keys.manifest("csv"), "keep", false],
  ["a superseded list of its photos", keys.snapshotPart(0, 1), "keep", false],
] as const)("%s (%s)", (_, key, report, kept) => {
  expect(keptAfterClean(id, report)(key)).toBe(kept);
});
