import { expect, it } from "vitest";
import { BATCH_FORMAT, lacking, storesOf, withRefusedKeys, type Lack, type ProcessMeans } from "./batch-needs.ts";
import { type BatchNeeds } from "./batch-needs-schema.ts";

const MINIO = "http://minio:9000";
const NEEDS: BatchNeeds = {
  accounts: { "each-sense": "a1", phota: "b2" },
  s3: { endpoint: MINIO, region: "us-east-1" },
  folders: ["/photos/team"],
};
const MEANS: ProcessMeans = {
  format: BATCH_FORMAT,
  accounts: { "each-sense": ["a1"], phota: ["b2"] },
  s3: [{ endpoint: MINIO, region: "us-east-1" }],
  folders: ["/photos"],
  batches: "all",
};
const BATCH = { id: "one", format: BATCH_FORMAT, needs: NEEDS };

it.each<[string, Partial<ProcessMeans>, string | undefined, readonly Lack["kind"][]]>([
  ["everything", {}, "each-sense", []],
  ["the former key and the present one", { accounts: { "each-sense": ["new", "a1"] } }, "each-sense", []],
  ["another key", { accounts: { "each-sense": ["c3"] } }, "each-sense", ["account"]],
  ["only another lane's key", { accounts: { phota: ["a1"] } }, "each-sense", ["account"]],
  ["no key, but calls no provider", { accounts: {} }, undefined, []],
  ["another S3 server", { s3: [{ endpoint: "http://other:9000", region: "us-east-1" }] }, undefined, ["s3"]],
  ["AWS's own S3", { s3: [{ region: "us-east-1" }] }, undefined, ["s3"]],
  ["another region", { s3: [{ endpoint: MINIO, region: "eu-north-1" }] }, undefined, ["s3"]],
  [
    "found that it is the same S3",
    { s3: [{ endpoint: "http://proxy" }, { endpoint: MINIO, region: "us-east-1" }] },
    undefined,
    [],
  ],
  ["no region", { s3: [{ endpoint: MINIO }] }, undefined, ["s3"]],
  ["no S3 credentials", { s3: [] }, undefined, ["s3"]],
  ["every folder", { folders: "any" }, undefined, []],
  ["the folder itself", { folders: ["/photos/team"] }, undefined, []],
  ["a folder whose name has the same beginning", { folders: ["/photos/tea"] }, undefined, ["folder"]],
  ["the root of the disk", { folders: ["/"] }, undefined, []],
  ["an older version", { format: BATCH_FORMAT - 1 }, undefined, ["format"]],
  ["been assigned this batch", { batches: ["two", "one"] }, undefined, []],
  ["been assigned another batch", { batches: ["two"] }, undefined, ["asked"]],
  ["nothing that the batch needs", { s3: [], folders: [], accounts: {} }, "phota", ["account", "s3", "folder"]],
])("a process that has %s", (_, has, lane, kinds) => {
  expect(lacking(BATCH, { ...MEANS, ...has }, lane).map(({ kind }) => kind)).toEqual(kinds);
});

it("any process may work on a batch without stated needs", () => {
  expect(
    lacking({ id: "one", format: BATCH_FORMAT }, { ...MEANS, accounts: {}, s3: [], folders: [] }, "each-sense"),
  ).toEqual([]);
});

it("a region that the acceptor did not name means any region", () => {
  const needs = { ...NEEDS, s3: { endpoint: MINIO } };
  expect(lacking({ ...BATCH, needs }, { ...MEANS, s3: [{ endpoint: MINIO, region: "eu-north-1" }] })).toEqual([]);
});

it("a batch needs the stores of its source, its destination and its schedule's deliveries", () => {
  const destination = { url: "s3://b/out/" };
  expect(storesOf({ source: { kind: "prefix", url: "s3://b/in/" }, destination })).toEqual([
    "s3://b/in/",
    "s3://b/out/",
  ]);
  const source = { kind: "manifest", url: "s3://m/a.csv", format: "csv", baseUrl: "file:///photos/" } as const;
  expect(
    storesOf({
      source,
      destination,
      schedule: { id: "nightly", deliveredUrl: "s3://b/notes/", resultsUrl: destination.url },
    }),
  ).toEqual(["s3://m/a.csv", "file:///photos/", "s3://b/out/", "s3://b/notes/"]);
});

it.each<[string, ProcessMeans["accounts"], readonly Lack["kind"][]]>([
  ["another key", { "each-sense": ["c3"] }, []],
  ["no key of the lane", { phota: ["b2"] }, ["account"]],
])("a process that has %s, after the account has only refused the batch's key", (_, accounts, kinds) => {
  const means = withRefusedKeys({ ...MEANS, accounts }, new Map([["each-sense", ["a1"]]]));
  expect(lacking(BATCH, means, "each-sense").map(({ kind }) => kind)).toEqual(kinds);
});
