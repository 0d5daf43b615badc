import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { BATCH_FORMAT, type ProcessMeans } from "./batch-needs.ts";
import type { BatchSpec } from "./batch.ts";
import { DarkroomError } from "../errors.ts";
import type { ObjectStore } from "../delivery/object-store.ts";
import { OwnMeans, WITHOUT_S3_MS } from "./own-means.ts";

const AT = { endpoint: "http://minio:9000" };
const MEANS: ProcessMeans = {
  format: BATCH_FORMAT,
  accounts: {},
  s3: [{ endpoint: "http://proxy" }],
  folders: [],
  batches: "all",
};
const SPEC = {
  id: "01k9zzzzzzzzzzzzzzzzzzzzzz",
  createdAt: "2026-11-30T08:00:00.000Z",
  destination: { url: "s3://photos/out/" },
  needs: { accounts: {}, s3: AT, folders: [] },
} as unknown as BatchSpec;

function meansThatFind(found: () => unknown) {
  let looks = 0;
  let nowMs = 0;
  const get = async () => {
    looks += 1;
    return { body: Readable.from([JSON.stringify(found())]) };
  };
  const openStore = () => ({ get }) as unknown as ObjectStore;
  const means = new OwnMeans(MEANS, { openStore, nowMs: () => nowMs });
  return { means, looks: () => looks, pass: (ms: number) => (nowMs += ms) };
}

it("recognizes another endpoint as the same store if the batch's own file is there", async () => {
  const { means, looks } = meansThatFind(() => SPEC);
  expect(means.lacking(SPEC)).toHaveLength(1);
  await Promise.all([means.prove(SPEC), means.prove(SPEC)]);
  expect(means.lacking(SPEC)).toEqual([]);
  expect(means.current.s3).toEqual([...MEANS.s3, AT]);
  await means.prove(SPEC);
  expect(looks()).toBe(1);
});

it("treats it as another store if another batch's file is there, and checks again later", async () => {
  const { means, looks, pass } = meansThatFind(() => ({ ...SPEC, createdAt: "2026-11-30T08:00:01.000Z" }));
  await means.prove(SPEC);
  await means.prove(SPEC);
  expect([means.lacking(SPEC).length, looks()]).toEqual([1, 1]);
  pass(5_001);
  await means.prove(SPEC);
  expect([means.lacking(SPEC).length, looks()]).toEqual([1, 2]);
});

it("counts as without S3 for a while after its credentials were rejected, but not after other errors", () => {
  const { means, pass } = meansThatFind(() => SPEC);
  expect(means.note(new DarkroomError("storage_unavailable", "503"))).toBe(false);
  expect(means.current.s3).toEqual(MEANS.s3);
  expect(means.note(new DarkroomError("invalid_settings", "no credentials"))).toBe(true);
  expect(means.current.s3).toEqual([]);
  pass(WITHOUT_S3_MS);
  expect(means.current.s3).toEqual(MEANS.s3);
});
