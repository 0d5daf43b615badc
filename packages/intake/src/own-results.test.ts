import { expect, test } from "vitest";
import { ownResults } from "./own-results.ts";

test.each([
  ["s3://b/in/", "s3://b/in/out/", ["out/"]],
  ["s3://b/in/", "s3://b/in/100%/a%20b/", ["100%/a%20b/"]],
  ["file:///in/", "file:///in/50%25%20off/", ["50% off/"]],
  ["s3://b/in/", "s3://b/in/", []],
  ["s3://b/in/", "s3://b/input/", []],
  ["s3://b/in/", "s3://b/", []],
])("under %s a destination %s is %j", (url, destination, keys) => {
  expect(ownResults({ kind: "prefix", url }, destination)).toEqual(keys);
});

test("a manifest names its photos itself", () => {
  const source = { kind: "manifest", url: "s3://b/a.csv", format: "csv", baseUrl: "s3://b/" } as const;
  expect(ownResults(source, "s3://b/out/")).toEqual([]);
});
