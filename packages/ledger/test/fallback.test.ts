import { EMPTY_RECEIPT, type Receipt } from "@darkroom/core";
import { afterAll, expect, it } from "vitest";
import { batchSpec, openLedger, outcome, WAIT } from "./open-ledger.ts";

const opened = openLedger();
const { ledger } = opened;
afterAll(async () => await opened.close());

const OWN = "each-sense";
const FALLBACK = "phota";
const at = (served: string) => ({ lane: { served, own: OWN } });
const CALLED: Receipt = {
  ...EMPTY_RECEIPT,
  firstIntentAt: 1,
  calls: [{ step: 0, at: 1, generation: 0, status: "intended" }],
};

/** A batch whose first `queued` portraits are in its own lane. */
async function batchOf(rows: number, queued: number): Promise<string> {
  const spec = batchSpec({ control: { fallback: { lane: FALLBACK, provider: "phota", afterMinutes: 10 } } });
  await ledger.create(spec);
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows, rejected: [], end: {} });
  const window = await ledger.backlog.peekPending(spec.id, queued, OWN);
  if (window !== undefined) await ledger.backlog.markQueued(spec.id, window);
  return spec.id;
}

async function read(id: string) {
  const record = await ledger.read(id);
  if (record === undefined) throw new Error("no such batch");
  const { total, ...states } = record.counts;
  expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(total);
  return record;
}

it("requeues portraits without a provider call, keeps the rest out of the fallback's slots, once", async () => {
  const id = await batchOf(6, 4);
  await ledger.claims.claim(id, 0, "w/0", at(OWN));
  await ledger.claims.leave(id, 0, "w/0", { state: "queued", wait: WAIT, receipt: CALLED, lane: OWN });
  await ledger.claims.claim(id, 1, "w/1", at(OWN));
  const before = await read(id);
  expect(await ledger.control.divert(id, FALLBACK, [0, 1, 2, 3])).toEqual({ isNew: true, moved: 2 });
  expect(await ledger.control.divert(id, FALLBACK, [0, 1, 2, 3])).toEqual({ isNew: false, moved: 0 });
  const after = await read(id);
  expect(after.counts).toMatchObject({ pending: 4, queued: 0, running: 1, retrying: 1 });
  expect(after).toMatchObject({ lane: FALLBACK, revision: before.revision + 1, cursor: 2 });
  expect(after.epoch).toBeGreaterThan(before.epoch);
  expect(await ledger.byLane(after, [0, 1, 2])).toEqual(
    new Map([
      [OWN, [0]],
      [FALLBACK, [1, 2]],
    ]),
  );
});

it("is dispatched only to the fallback from then on; what was peeked before is not marked", async () => {
  const id = await batchOf(4, 1);
  const window = await ledger.backlog.peekPending(id, 2, OWN);
  await ledger.control.divert(id, FALLBACK, []);
  if (window !== undefined) expect(await ledger.backlog.markQueued(id, window)).toBe(0);
  expect(await ledger.backlog.peekPending(id, 2, OWN)).toBeUndefined();
  expect((await ledger.backlog.peekPending(id, 2, FALLBACK))?.indexes).toEqual([1, 2]);
});

it("gives a portrait to the lane whose provider was called for it, and every other one to the fallback", async () => {
  const id = await batchOf(3, 3);
  await ledger.claims.claim(id, 0, "w/0", at(OWN));
  await ledger.claims.leave(id, 0, "w/0", { state: "retrying", wait: WAIT, receipt: CALLED, lane: OWN });
  await ledger.control.divert(id, FALLBACK, [0]);
  expect(await ledger.claims.claim(id, 0, "w/1", at(FALLBACK))).toMatchObject({ kind: "elsewhere", lane: OWN });
  const message = `the provider of lane ${OWN} was called for it, so it stays there until it ends`;
  expect(await ledger.waits.count(id)).toMatchObject([{ reason: "other_lane", count: 1, message }]);
  expect(await ledger.claims.claim(id, 0, "w/2", at(OWN))).toMatchObject({ kind: "claimed", diverted: true });
  // A job that remained in the blocked lane.
  expect(await ledger.claims.claim(id, 1, "w/3", at(OWN))).toEqual({ kind: "parked" });
  expect((await ledger.backlog.peekPending(id, 5, FALLBACK))?.indexes).toEqual([1]);
  expect((await ledger.claims.claim(id, 1, "w/4", at(FALLBACK))).kind).toBe("claimed");
  await ledger.claims.leave(id, 1, "w/4", {
    state: "queued",
    wait: WAIT,
    receipt: { ...CALLED, lane: FALLBACK },
    lane: FALLBACK,
  });
  expect(await ledger.claims.claim(id, 1, "w/5", at(OWN))).toMatchObject({ kind: "elsewhere", lane: FALLBACK });
  expect((await read(id)).counts).toMatchObject({ running: 1, queued: 1, retrying: 1 });
});

it("takes a portrait from a dead worker of the other lane only if no provider was called for it", async () => {
  const id = await batchOf(2, 2);
  for (const index of [0, 1]) await ledger.claims.claim(id, index, "dead/1", at(OWN));
  await ledger.claims.writeReceipt(id, 0, "dead/1", CALLED);
  await ledger.control.divert(id, FALLBACK, []);
  const takeOver = { takeOver: "dead/1", ...at(FALLBACK) };
  expect(await ledger.claims.claim(id, 0, "w/1", at(FALLBACK))).toEqual({ kind: "held", token: "dead/1" });
  expect(await ledger.claims.claim(id, 0, "w/1", takeOver)).toMatchObject({ kind: "elsewhere", lane: OWN });
  expect((await ledger.claims.claim(id, 1, "w/1", takeOver)).kind).toBe("claimed");
  expect((await read(id)).counts).toMatchObject({ running: 1, retrying: 1 });
});

it("takes over at once what a worker of the first lane releases untouched", async () => {
  const id = await batchOf(2, 2);
  for (const index of [0, 1]) await ledger.claims.claim(id, index, "w/1", at(OWN));
  await ledger.control.divert(id, FALLBACK, []);
  await ledger.claims.leave(id, 0, "w/1", { state: "queued", wait: WAIT, receipt: EMPTY_RECEIPT, lane: OWN });
  await ledger.claims.leave(id, 1, "w/1", { state: "queued", wait: WAIT, receipt: CALLED, lane: OWN });
  expect((await read(id)).counts).toMatchObject({ pending: 1, retrying: 1, queued: 0 });
  expect((await ledger.backlog.peekPending(id, 5, FALLBACK))?.indexes).toEqual([0]);
});

it("does not fail over once it is stopped, paused or on another fallback", async () => {
  const [paused, stopped, diverted] = [await batchOf(2, 1), await batchOf(2, 1), await batchOf(2, 1)];
  await ledger.control.pause(paused, "lunch");
  await ledger.control.cancel(stopped, "");
  await ledger.control.divert(diverted, "another", []);
  for (const id of [paused, stopped, diverted]) {
    expect(await ledger.control.divert(id, FALLBACK, [0])).toBeUndefined();
  }
  expect((await read(paused)).lane).toBe(OWN);
  expect((await read(diverted)).lane).toBe("another");
});

it("leaves released portraits to a worker of the lane whose provider was called", async () => {
  const id = await batchOf(2, 2);
  await ledger.control.divert(id, FALLBACK, [0, 1]);
  for (const [index, lane] of [OWN, FALLBACK].entries()) {
    await ledger.claims.claim(id, index, `w/${index}`, at(FALLBACK));
    await ledger.claims.writeReceipt(id, index, `w/${index}`, { ...CALLED, lane });
  }
  await ledger.control.pause(id, "");
  expect(await ledger.backlog.requeueLost(id, new Map([[0, "w/0"]]))).toBe(1);
  await ledger.control.cancel(id, "enough");
  expect(await ledger.backlog.requeueLost(id, new Map([[1, "w/1"]]))).toBe(1);
  expect((await read(id)).counts).toMatchObject({ retrying: 1, queued: 1, pending: 0, cancelled: 0 });
  expect(Object.fromEntries(await ledger.byLane(await read(id), [0, 1]))).toEqual({ [OWN]: [0], [FALLBACK]: [1] });
  for (const [index, lane] of [OWN, FALLBACK].entries()) {
    expect(await ledger.claims.claim(id, index, "w/2", at(lane))).toMatchObject({ kind: "claimed", cancelled: true });
  }
});

it("settles after a failover like any other batch", async () => {
  const id = await batchOf(1, 1);
  await ledger.control.divert(id, FALLBACK, [0]);
  await ledger.claims.claim(id, 0, "w/1", at(FALLBACK));
  const done = outcome("ok", { billed: "yes", costUsd: 0.11, lane: FALLBACK });
  expect((await ledger.claims.settle(id, 0, "w/1", done)).kind).toBe("applied");
  expect((await read(id)).days).toMatchObject([{ lane: FALLBACK, costUsd: 0.11 }]);
  expect(await ledger.claims.claim(id, 0, "w/2", at(OWN))).toEqual({ kind: "done" });
});
