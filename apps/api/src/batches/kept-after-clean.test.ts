import { expect, test } from "vitest";
import { batchKeys } from "@darkroom/core";
import { keptAfterClean } from "./kept-after-clean.ts";

const id = "01k9zzzzzzzzzzzzzzzzzzzzzz";
const keys = batchKeys(id);
const spec = { id, destination: { url: "file:///out/" } };
const elsewhere = { ...spec, source: { kind: "prefix", url: "file:///in/" } } as const;
const within = { ...spec, source: { kind: "prefix", url: "file:///out/raw/" } } as const;
const listed = {
  ...spec,
  source: { kind: "manifest", url: "file:///list.csv", format: "csv", baseUrl: "file:///out/" },
} as const;

test.each([
  ["what was accepted", keys.spec, elsewhere, "delete", true],
  ["the report", keys.reportCsv, elsewhere, "keep", true],
  ["the report", keys.reportJsonl, elsewhere, "delete", false],
  ["a paid picture without a place", keys.kept(0, "abc", "jpg"), elsewhere, "keep", true],
  ["a paid picture without a place", keys.kept(0, "abc", "jpg"), elsewhere, "delete", false],
  ["a part of the report", keys.reportPart(0, "1-1"), elsewhere, "keep", false],
  ["a converted photo", keys.input(0, "v", "jpg"), elsewhere, "keep", false],
  ["an uploaded manifest", keys.manifest("csv"), elsewhere, "keep", false],
  ["the list of its photos", keys.snapshotPart(0, 1), elsewhere, "keep", false],
  ["the list of photos that lie in its destination", keys.snapshotPart(0, 1), within, "delete", true],
  ["the list of photos that lie in its destination", keys.snapshotPart(0, 1), listed, "keep", true],
] as const)("%s (%s)", (_, key, batch, report, kept) => {
  expect(keptAfterClean(batch, report)(key)).toBe(kept);
});
