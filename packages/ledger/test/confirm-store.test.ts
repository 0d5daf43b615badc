import { createHash } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { batchSpec, openLedger } from "./open-ledger.ts";

const opened = openLedger();
const { ledger, redis, namespace } = opened;
afterAll(async () => await opened.close());

const MOST_BYTES = 512 * 1_024;

async function running(rows: number): Promise<string> {
  const spec = batchSpec();
  await ledger.create(spec);
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows, rejected: [], end: {} });
  for (let index = 0; index < rows; index += 1) await ledger.claims.claim(spec.id, index, `worker/${index}`);
  return spec.id;
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
const of = (photo: string, ...pictures: readonly string[]) => ({ photo: digest(photo), digests: pictures.map(digest) });

it("a claim that was taken over or settled is lost", async () => {
  const id = await running(1);
  expect(await ledger.claims.confirmStore(id, 0, "worker/0")).toEqual({ kind: "held" });
  await ledger.claims.claim(id, 0, "worker/9", { takeOver: "worker/0" });
  expect(await ledger.claims.confirmStore(id, 0, "worker/0", of("ana", "x"))).toEqual({ kind: "lost" });
  // Nothing was recorded for the portrait.
  expect(await ledger.claims.confirmStore(id, 0, "worker/9", of("bo", "x"))).toEqual({ kind: "held" });
});

it.each([
  ["the same picture", ["u1", "x"], ["u2", "x"], 0],
  ["the same link", ["u1", "x"], ["u1", "y"], 0],
  ["pictures of their own", ["u1", "x"], ["u2", "y"], undefined],
])("two photos with %s", async (_, first, second, sharedWith) => {
  const id = await running(2);
  expect(await ledger.claims.confirmStore(id, 0, "worker/0", of("ana", ...first))).toEqual({ kind: "held" });
  const told = await ledger.claims.confirmStore(id, 1, "worker/1", of("bo", ...second));
  expect(told).toEqual({ kind: "held", ...(sharedWith === undefined ? {} : { sharedWith }) });
  // The picture stays with the first portrait.
  expect(await ledger.claims.confirmStore(id, 0, "worker/0", of("ana", ...first))).toEqual({ kind: "held" });
});

it("two portraits of the same photo may share a picture", async () => {
  const id = await running(2);
  await ledger.claims.confirmStore(id, 0, "worker/0", of("ana", "x"));
  expect(await ledger.claims.confirmStore(id, 1, "worker/1", of("ana", "x"))).toEqual({ kind: "held" });
});

it("a batch remembers a bounded number of pictures, and none once it has ended", async () => {
  const id = await running(1);
  for (let start = 0; start < 20_000; start += 500) {
    await Promise.all(
      Array.from({ length: 500 }, (_, at) => ledger.claims.confirmStore(id, 0, "worker/0", of("ana", `${start + at}`))),
    );
  }
  const key = `${namespace}:{${id}}:pictures`;
  expect(Number(await redis.call("MEMORY", "USAGE", key, "SAMPLES", "0"))).toBeLessThan(MOST_BYTES);
  expect(await redis.pttl(key)).toBeGreaterThan(0);
  await ledger.retire(id);
  expect(await redis.exists(key)).toBe(0);
});

it.each([
  ["the same content, its pixels seen once", "a".repeat(12), "a".repeat(12) + "1".repeat(12), undefined],
  ["another content with the same pixels", "a".repeat(12) + "1".repeat(12), "b".repeat(12) + "1".repeat(12), undefined],
  ["another content, its pixels not seen", "a".repeat(12) + "1".repeat(12), "b".repeat(12), 0],
  ["another content, no pixels seen", "a".repeat(12), "b".repeat(12), 0],
])("one picture for a photo of %s", async (_, first, second, sharedWith) => {
  const id = await running(2);
  const digests = [digest("x")];
  await ledger.claims.confirmStore(id, 0, "worker/0", { photo: first, digests });
  const told = await ledger.claims.confirmStore(id, 1, "worker/1", { photo: second, digests });
  expect(told.sharedWith).toBe(sharedWith);
});
