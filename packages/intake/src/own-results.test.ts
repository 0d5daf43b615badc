import { expect, test } from "vitest";
import { resolveRecipe } from "@darkroom/core";
import { checkResultsApart, ownResults, resultsUrlOf } from "./own-results.ts";

test.each([
  ["s3://b/in/", "s3://b/in/out/", ["out/"]],
  ["s3://b/in/", "s3://b/in/100%/a%20b/", ["100%/a%20b/"]],
  ["file:///in/", "file:///in/50%25%20off/", ["50% off/"]],
  ["s3://b/in/", "s3://b/in/", []],
  ["s3://b/in/", "s3://b/input/", []],
  ["s3://b/in/", "s3://b/", []],
])("under %s a destination %s is %j", (url, destination, keys) => {
  expect(ownResults({ kind: "prefix", url }, { destination: { url: destination } })).toEqual(keys);
});

test("a manifest names its photos itself, so none counts as a result", () => {
  const source = { kind: "manifest", url: "s3://b/a.csv", format: "csv", baseUrl: "s3://b/" } as const;
  expect(ownResults(source, { destination: { url: "s3://b/out/" } })).toEqual([]);
});

test.each([
  ["s3://b/in/enhanced/{date}/", "s3://b/in/enhanced/", ["enhanced/"]],
  ["s3://b/in/out-{date}/web/", "s3://b/in/out-", ["out-"]],
  ["s3://b/in/out", "s3://b/in/out/", ["out/"]],
  ["s3://b/{date}/in/", "s3://b/", []],
])("all results of a schedule with the destination %s begin with %s", (destination, resultsUrl, keys) => {
  expect(resultsUrlOf(destination)).toBe(resultsUrl);
  const schedule = { id: "nightly", deliveredUrl: "s3://b/in/_darkroom/schedules/nightly/delivered/", resultsUrl };
  const tonight = { url: destination.replace("{date}", "2026-11-21") };
  expect(ownResults({ kind: "prefix", url: "s3://b/in/" }, { destination: tonight, schedule })).toEqual(keys);
});

test("a folder's name may be percent-encoded", () => {
  expect(resultsUrlOf("file:///in/50 off/{date}/")).toBe("file:///in/50%20off/");
  const schedule = { id: "nightly", deliveredUrl: "", resultsUrl: resultsUrlOf("file:///in/50 off/{date}/") };
  const destination = { url: "file:///in/50%20off/2026-11-21/" };
  expect(ownResults({ kind: "prefix", url: "file:///in/" }, { destination, schedule })).toEqual(["50 off/"]);
});

test.each([
  ["s3://b/in/", "s3://b/in/{date}/", true],
  ["s3://b/in", "s3://b/in/{date}/web/", true],
  ["s3://b/in/2026-11-21/", "s3://b/in/{date}/", true],
  ["s3://b/in/", "s3://b/in/enhanced/{date}/", false],
  ["s3://b/in/", "s3://b/{date}/", false],
  ["s3://b/in/team.csv", "s3://b/in/{date}/", false],
  ["s3://b/in/", "s3://b/out/", false],
])("rejects a schedule over %s into %s: %s", (source, destination, refused) => {
  const check = () =>
    checkResultsApart({ source, destination, recipe: resolveRecipe({ preset: "skin-smoothing", mode: "eco" }) });
  if (refused) expect(check).toThrow(/among the photos/);
  else expect(check).not.toThrow();
});
