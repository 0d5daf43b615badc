import { afterAll, expect, it } from "vitest";
import { type BatchSpec, type Call, EMPTY_RECEIPT, type Receipt, withOutput } from "@darkroom/core";
import { BatchRestore, batchLedgerKeys } from "../src/index.ts";
import { batchSpec, openLedger } from "./open-ledger.ts";

const { ledger, redis, namespace, close } = openLedger();
afterAll(close);

const call: Call = { step: 0, at: 1, generation: 0, priceMicroUsd: 100_000, status: "intended" };
const INTENT: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: 2, authorizedMicroUsd: 200_000, calls: [call] };
const PAID = withOutput(INTENT, 0, { url: "https://cdn.test/a.png" }, 2);

/** A batch of three portraits with a budget of 0.45 USD. The first two hold 0.2 USD each, and one of these is paid. */
async function heldBatch(): Promise<BatchSpec> {
  const spec = batchSpec({ control: { maxCostUsd: 0.45 } });
  await ledger.create(spec, { breaker: false });
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows: 3, rejected: [], end: {} });
  for (const index of [0, 1]) {
    await ledger.claims.claim(spec.id, index, `w/${index}`);
    const before = EMPTY_RECEIPT;
    expect(await ledger.money.authorize(spec.id, index, `w/${index}`, { receipt: INTENT, before })).toMatchObject({
      kind: "authorized",
    });
  }
  await ledger.claims.writeReceipt(spec.id, 0, "w/0", PAID);
  return spec;
}

const SUMS = { authorizedUsd: 0.4, unstored: { portraits: 1, usd: 0.1 } };

it("a recount finds sums that differ from the receipts, corrects them, and wakes a portrait that waited because of them", async () => {
  const { id } = await heldBatch();
  expect(await ledger.read(id)).toMatchObject(SUMS);
  expect(await ledger.recount(id, false)).toEqual([]);
  const { meta } = batchLedgerKeys(namespace, id);
  await redis.hset(meta, { authorizedMicroUsd: 450_000, unstored: 7, budgetNeeds: 50_000, budgetNeedsBy: 2 });
  expect(await ledger.recount(id, false)).toEqual([8]);
  expect(await ledger.recount(id, true)).toEqual([8]);
  expect(await ledger.recount(id, false)).toEqual([]);
  expect(await ledger.read(id)).toMatchObject({ ...SUMS, budgetNeedsUsd: undefined });
});

it("a batch rebuilt around receipts that Redis kept holds their amounts", async () => {
  const spec = await heldBatch();
  const { meta, states } = batchLedgerKeys(namespace, spec.id);
  await redis.del(meta, states);
  const restore = new BatchRestore(redis, namespace, spec.id);
  await restore.add(0, ["succeeded", "pending", "pending"], []);
  const found = { parts: 1, total: 3, ingested: true, kinds: {}, days: [], maybeBilled: 0, reportParts: 0 };
  const batch = { spec, limits: {}, control: spec.control, state: "running", ...found, fields: {} } as const;
  expect(await restore.finish(batch)).toBe(true);
  // The first portrait has ended, so its receipt and its claim are deleted.
  expect(await ledger.receiptIndexes(spec.id)).toEqual([1]);
  expect(await ledger.claimTokens(spec.id)).toEqual(new Map());
  expect(await ledger.read(spec.id)).toMatchObject({ authorizedUsd: 0.2, unstored: { portraits: 0, usd: 0 } });
  expect(await ledger.recount(spec.id, false)).toEqual([]);
});
