import { afterAll, expect, it } from "vitest";
import { newBatchId, type BatchSpec } from "@darkroom/core";
import { BatchRestore, sharedKeys } from "../src/index.ts";
import { batchSpec, emptyRestore, openLedger } from "./open-ledger.ts";

const { ledger, redis, namespace, close } = openLedger();
afterAll(close);

async function made(tenant: string | undefined): Promise<BatchSpec> {
  const spec = batchSpec({ id: newBatchId(), ...(tenant === undefined ? {} : { tenant }) });
  expect(await ledger.create(spec)).toBe(true);
  return spec;
}

it("lists each tenant's batches apart, and all of them together", async () => {
  const [acme, other, plain] = [await made("acme"), await made("other"), await made(undefined)];
  expect(await ledger.listBatches(10, undefined, "acme")).toEqual([acme.id]);
  expect(await ledger.listBatches(10, undefined, "default")).toEqual([plain.id]);
  expect((await ledger.listBatches(10)).toSorted()).toEqual([acme.id, other.id, plain.id].toSorted());
  expect(await Promise.all([acme, other, plain].map(({ id }) => ledger.tenantOf(id)))).toEqual([
    "acme",
    "other",
    "default",
  ]);
  expect(await ledger.tenantOf(newBatchId())).toBeUndefined();
});

it("a batch that is forgotten leaves no list of its tenant", async () => {
  const { id } = await made("gone");
  await ledger.failBatch(id, "of no use");
  expect(await ledger.forget(id)).toBe(true);
  expect(await ledger.listBatches(10, undefined, "gone")).toEqual([]);
  expect(await redis.exists(sharedKeys(namespace).batchesOf("gone"))).toBe(0);
});

it("a restored batch belongs to its tenant again", async () => {
  const spec = batchSpec({ id: newBatchId(), tenant: "restored" });
  const restore = new BatchRestore(redis, namespace, spec.id);
  await restore.finish(emptyRestore(spec));
  expect(await ledger.tenantOf(spec.id)).toBe("restored");
  expect(await ledger.listBatches(10, undefined, "restored")).toEqual([spec.id]);
});
