import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EMPTY_RECEIPT, type Receipt, settledCount } from "@darkroom/core";
import { batchSpec, openLedger, outcome, rejectedLine, WAIT } from "./open-ledger.ts";

const opened = openLedger();
const { ledger } = opened;
afterAll(async () => await opened.close());

async function batchOf(rows: number, rejected: readonly number[] = []): Promise<string> {
  const spec = batchSpec();
  await ledger.create(spec);
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows, rejected: rejected.map(rejectedLine), end: {} });
  return spec.id;
}

async function counts(id: string) {
  const record = await ledger.read(id);
  if (record === undefined) throw new Error("no such batch");
  const { total, ...states } = record.counts;
  expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(total);
  return record.counts;
}

describe("ingest", () => {
  it("adds a part once, with its bad rows failed and counted", async () => {
    const spec = batchSpec();
    expect(await ledger.create(spec)).toBe(true);
    expect(await ledger.create(spec)).toBe(false);
    const first = { fence: await ledger.beginIngest(spec.id), part: 0, rows: 5, rejected: [rejectedLine(2)] };
    expect(await ledger.countPart(spec.id, first)).toBe(true);
    expect(await ledger.countPart(spec.id, first)).toBe(false);
    expect(await ledger.countPart(spec.id, { ...first, part: 2 })).toBe(false);
    expect(await counts(spec.id)).toMatchObject({ total: 5, pending: 4, failed: 1 });
    expect((await ledger.read(spec.id))?.failures).toEqual({ invalid_row: 1 });
    expect((await ledger.details(spec.id, [2])).get(2)?.message).toContain("line 4");
    expect((await ledger.undrainedOutcomes(spec.id, 10)).length).toBe(1);
  });

  it("counts only the parts of the latest ingest, each once", async () => {
    const { id } = batchSpec();
    expect(await ledger.beginIngest(id)).toBe(0);
    await ledger.create(batchSpec({ id }));
    const stale = await ledger.beginIngest(id);
    expect(stale).toBeGreaterThan(Date.now() - 60_000);
    expect(await ledger.countPart(id, { fence: stale, part: 0, rows: 1_000, rejected: [rejectedLine(2)] })).toBe(true);
    const fence = await ledger.beginIngest(id);
    expect(fence).toBeGreaterThan(stale);
    const next = { part: 1, rows: 1_000, rejected: [] };
    expect(await ledger.countPart(id, { ...next, fence: stale })).toBe(false);
    expect(await ledger.countPart(id, { ...next, fence: stale, end: {} })).toBe(false);
    expect(await ledger.read(id)).toMatchObject({ parts: 1, ingested: false });
    expect(await ledger.countPart(id, { ...next, fence })).toBe(true);
    expect(await ledger.countPart(id, { ...next, fence })).toBe(false);
    expect(await ledger.read(id)).toMatchObject({ parts: 2, state: "ingesting", ingested: false });
    expect(await counts(id)).toMatchObject({ total: 2_000, pending: 1_999, failed: 1 });
  });

  it("ends with the last part in one step, and keeps the source's error", async () => {
    const { id } = batchSpec();
    await ledger.create(batchSpec({ id }));
    const fence = await ledger.beginIngest(id);
    const last = { fence, part: 0, rows: 7, rejected: [], end: { fault: "it broke off" } };
    expect(await ledger.countPart(id, last)).toBe(true);
    expect(await ledger.read(id)).toMatchObject({
      parts: 1,
      state: "running",
      ingested: true,
      sourceFault: "it broke off",
    });
    expect(await ledger.countPart(id, { ...last, part: 1, end: {} })).toBe(false);
    expect(await counts(id)).toMatchObject({ total: 7, pending: 7 });
  });

  it("ends without a row when the last part was full, or there was none", async () => {
    const { id } = batchSpec();
    await ledger.create(batchSpec({ id }));
    const fence = await ledger.beginIngest(id);
    expect(await ledger.countPart(id, { fence, part: 0, rows: 0, rejected: [], end: {} })).toBe(true);
    const record = await ledger.read(id);
    expect(record).toMatchObject({ parts: 0, state: "running", ingested: true, counts: { total: 0 } });
    expect(record?.sourceFault).toBeUndefined();
  });

  it("accepts no more rows for a cancelled batch", async () => {
    const { id } = batchSpec();
    await ledger.create(batchSpec({ id }));
    const fence = await ledger.beginIngest(id);
    const part = { fence, rows: 3, rejected: [] };
    await ledger.countPart(id, { ...part, part: 0 });
    await ledger.control.cancel(id, "by a person");
    expect(await ledger.countPart(id, { ...part, part: 1 })).toBe(false);
    expect(await counts(id)).toMatchObject({ total: 3, cancelled: 3 });
  });
});

describe("dispatch", () => {
  it("peeks pending portraits in order without changing them, skipping bad rows", async () => {
    const id = await batchOf(7, [1, 4]);
    const first = await ledger.backlog.peekPending(id, 3);
    expect(first?.indexes).toEqual([0, 2, 3]);
    expect((await ledger.backlog.peekPending(id, 3))?.indexes).toEqual([0, 2, 3]);
    if (first !== undefined) expect(await ledger.backlog.markQueued(id, first)).toBe(3);
    expect((await ledger.backlog.peekPending(id, 10))?.indexes).toEqual([5, 6]);
    expect(await counts(id)).toMatchObject({ queued: 3, pending: 2, failed: 2 });
  });

  it.each([1, 2, 3, 64, 1_000])("hands every portrait out exactly once in batches of %i", async (window) => {
    const total = 2_501;
    const id = await batchOf(total);
    const seen: number[] = [];
    for (;;) {
      const next = await ledger.backlog.peekPending(id, window);
      if (next === undefined || next.indexes.length === 0) break;
      seen.push(...next.indexes);
      expect(await ledger.backlog.markQueued(id, next)).toBe(next.indexes.length);
    }
    expect(seen).toEqual(Array.from({ length: total }, (_, index) => index));
  });

  it("marks nothing that was peeked before a pause", async () => {
    const id = await batchOf(4);
    const window = await ledger.backlog.peekPending(id, 2);
    await ledger.control.pause(id, "lunch");
    await ledger.control.resume(id);
    if (window !== undefined) expect(await ledger.backlog.markQueued(id, window)).toBe(0);
    expect((await ledger.backlog.peekPending(id, 2))?.indexes).toEqual([0, 1]);
  });
});

describe("claims", () => {
  it("gives a portrait to one token at a time", async () => {
    const id = await batchOf(1);
    expect((await ledger.claims.claim(id, 0, "a/1")).kind).toBe("claimed");
    expect(await ledger.claims.claim(id, 0, "b/1")).toEqual({ kind: "held", token: "a/1" });
    expect((await ledger.claims.claim(id, 0, "a/1")).kind).toBe("claimed");
    expect((await ledger.claims.claim(id, 0, "b/1", { takeOver: "a/0" })).kind).toBe("held");
    expect((await ledger.claims.claim(id, 0, "b/1", { takeOver: "a/1" })).kind).toBe("claimed");
  });

  it("are reclaimed if they were forgotten, by the worker that has called the provider", async () => {
    const id = await batchOf(6);
    const { fence = 0 } = (await ledger.read(id)) ?? {};
    const take = async (batchId: string, index: number, token: string, its: Receipt): Promise<string> =>
      (await ledger.claims.reclaim(batchId, index, { token, fence }, its)).kind;
    const receipt = { ...EMPTY_RECEIPT, firstIntentAt: 5 };
    expect(await take(id, 0, "a/1", EMPTY_RECEIPT)).toBe("lost");
    expect(await take(id, 0, "a/1", receipt)).toBe("held");
    expect(await take(id, 0, "a/1", { ...receipt, storageFailures: 9 })).toBe("held");
    expect(await ledger.claims.claim(id, 0, "b/1")).toEqual({ kind: "held", token: "a/1" });
    expect(await ledger.receipt(id, 0)).toEqual(receipt);
    expect(await ledger.claims.settle(id, 0, "a/1", outcome("ok"))).toMatchObject({ kind: "applied" });
    expect(await take(id, 0, "a/1", receipt)).toBe("lost");

    await ledger.claims.claim(id, 1, "b/1");
    expect(await take(id, 1, "a/2", receipt)).toBe("lost");
    await ledger.claims.leave(id, 1, "b/1", { state: "retrying", wait: WAIT });
    expect(await take(id, 1, "a/2", receipt)).toBe("held");

    // Another worker has called since, and its receipt is worth more than a forgotten claim.
    await ledger.claims.claim(id, 2, "b/2");
    await ledger.claims.leave(id, 2, "b/2", {
      state: "retrying",
      wait: WAIT,
      receipt: { ...EMPTY_RECEIPT, firstIntentAt: 6 },
    });
    expect(await take(id, 2, "a/3", receipt)).toBe("lost");
    // An earlier receipt of the same portrait is still valid.
    await ledger.claims.claim(id, 3, "a/0");
    await ledger.claims.leave(id, 3, "a/0", {
      state: "queued",
      wait: WAIT,
      receipt: { ...receipt, storageFailures: 1 },
    });
    expect(await take(id, 3, "a/4", { ...receipt, storageFailures: 2 })).toBe("held");
    // Results of a round that Redis has forgotten do not belong to the portrait's current round.
    expect(await take(id, 4, "a/5", { ...receipt, round: 1 })).toBe("lost");
    expect(await ledger.receipt(id, 3)).toMatchObject({ storageFailures: 2 });

    await ledger.control.cancel(id, "enough");
    expect(await take(id, 4, "a/5", receipt)).toBe("lost");
    expect(await take(id, 6, "a/6", receipt)).toBe("lost");
    expect(await take("nope", 0, "a/7", receipt)).toBe("lost");
    expect(await counts(id)).toMatchObject({ total: 6, succeeded: 1, running: 2, retrying: 1, cancelled: 2 });
  });

  it("are not reclaimed by a worker that has read the row of another snapshot", async () => {
    const id = await batchOf(2);
    const receipt = { ...EMPTY_RECEIPT, firstIntentAt: 5 };
    const { fence = 0 } = (await ledger.read(id)) ?? {};
    const claim = await ledger.claims.claim(id, 1, "b/1");
    expect(claim).toMatchObject({ kind: "claimed", fence });
    const seen = { token: "a/1", fence: fence - 1 };
    expect(await ledger.claims.reclaim(id, 0, seen, receipt)).toEqual({ kind: "read_anew", fence });
    expect(await ledger.state(id, 0)).toBe("pending");
    expect(await ledger.claims.reclaim(id, 1, seen, receipt)).toEqual({ kind: "lost" });
    expect(await ledger.claims.reclaim(id, 0, { ...seen, fence }, receipt)).toEqual({ kind: "held" });
  });

  it("rejects everything from a token whose claim was taken over", async () => {
    const id = await batchOf(1);
    await ledger.claims.claim(id, 0, "a/1");
    await ledger.claims.claim(id, 0, "b/1", { takeOver: "a/1" });
    expect(await ledger.claims.writeReceipt(id, 0, "a/1", EMPTY_RECEIPT)).toBe(false);
    expect(await ledger.claims.leave(id, 0, "a/1", { state: "retrying", wait: WAIT })).toBeUndefined();
    expect((await ledger.claims.settle(id, 0, "a/1", outcome("ok"))).kind).toBe("stale");
    expect((await ledger.claims.settle(id, 0, "b/1", outcome("ok"))).kind).toBe("applied");
    expect(await counts(id)).toMatchObject({ succeeded: 1, running: 0 });
  });

  it("keeps the receipt across a retry and a takeover", async () => {
    const id = await batchOf(1);
    await ledger.claims.claim(id, 0, "a/1");
    const outputs = { urls: ["https://cdn/x"], at: 8 };
    const receipt: Receipt = {
      ...EMPTY_RECEIPT,
      calls: [{ step: 0, at: 7, generation: 0, status: "answered", counts: "attempt", outputs }],
    };
    expect(await ledger.claims.writeReceipt(id, 0, "a/1", receipt)).toBe(true);
    expect(await ledger.claims.leave(id, 0, "a/1", { state: "retrying", wait: WAIT, receipt })).toBeGreaterThan(0);
    const again = await ledger.claims.claim(id, 0, "b/1");
    expect(again.kind === "claimed" && again.receipt).toEqual(receipt);
  });

  it("requeues a paused batch's portrait and hands it out again after a resume", async () => {
    const id = await batchOf(3);
    const window = await ledger.backlog.peekPending(id, 3);
    if (window !== undefined) await ledger.backlog.markQueued(id, window);
    await ledger.control.pause(id, "");
    expect((await ledger.claims.claim(id, 1, "a/1")).kind).toBe("parked");
    expect(await counts(id)).toMatchObject({ pending: 1, queued: 2 });
    expect(await ledger.backlog.peekPending(id, 3)).toBeUndefined();
    await ledger.control.resume(id);
    expect((await ledger.backlog.peekPending(id, 3))?.indexes).toEqual([1]);
  });

  it("reports a batch or portrait that does not exist as missing", async () => {
    expect((await ledger.claims.claim("nope", 0, "a/1")).kind).toBe("gone");
    const id = await batchOf(2);
    expect((await ledger.claims.claim(id, 2, "a/1")).kind).toBe("gone");
  });
});

describe("settling", () => {
  it("counts a terminal transition once, however often it is repeated", async () => {
    const id = await batchOf(1);
    await ledger.claims.claim(id, 0, "a/1");
    const paid = outcome("ok", { billed: "yes", costUsd: 0.05 });
    expect((await ledger.claims.settle(id, 0, "a/1", paid)).kind).toBe("applied");
    expect((await ledger.claims.settle(id, 0, "a/1", paid)).kind).toBe("duplicate");
    expect((await ledger.claims.claim(id, 0, "b/1")).kind).toBe("done");
    const record = await ledger.read(id);
    expect(record?.counts.succeeded).toBe(1);
    expect(record?.costUsd).toBeCloseTo(0.05);
    expect(await ledger.receipt(id, 0)).toBeUndefined();
    expect((await ledger.undrainedOutcomes(id, 10)).length).toBe(1);
  });

  it("deletes outcome lines only when their report part is acknowledged in order", async () => {
    const id = await batchOf(4);
    for (const index of [0, 1, 2, 3]) {
      await ledger.claims.claim(id, index, `a/${index}`);
      await ledger.claims.settle(id, index, `a/${index}`, outcome("ok"));
    }
    const [, second] = await ledger.undrainedOutcomes(id, 2);
    expect(await ledger.acknowledgeOutcomes(id, 1, second?.entryId ?? "")).toBe(false);
    expect(await ledger.acknowledgeOutcomes(id, 0, second?.entryId ?? "")).toBe(true);
    expect(await ledger.acknowledgeOutcomes(id, 0, second?.entryId ?? "")).toBe(false);
    const left = await ledger.undrainedOutcomes(id, 10);
    expect(left.map(({ line }) => (JSON.parse(line) as { index: number }).index)).toEqual([2, 3]);
  });
});

describe("cancelling", () => {
  it("cancels portraits that never started at once and lets the rest end", async () => {
    const id = await batchOf(1_000);
    const window = await ledger.backlog.peekPending(id, 3);
    if (window !== undefined) await ledger.backlog.markQueued(id, window);
    await ledger.claims.claim(id, 0, "a/1");
    expect(await ledger.control.cancel(id, "wrong preset")).toEqual({ kind: "done", state: "finishing" });
    expect(await ledger.control.cancel(id, "again")).toEqual({ kind: "done", state: "finishing" });
    expect(await counts(id)).toMatchObject({ cancelled: 997, queued: 2, running: 1, pending: 0 });
    expect((await ledger.claims.claim(id, 500, "a/2")).kind).toBe("done");
    expect(await ledger.backlog.cancelWaiting(id, [1, 2], "cancelled")).toBe(2);
    await ledger.claims.settle(id, 0, "a/1", outcome("cancelled_in_flight", { billed: "maybe" }));
    const record = await ledger.read(id);
    expect(record === undefined ? 0 : settledCount(record.counts)).toBe(1_000);
    expect(record?.failures).toEqual({ cancelled: 999, cancelled_in_flight: 1 });
    expect(record?.maybeBilled).toBe(1);
  });

  it.each([true, false])(
    "leaves a pending portrait with a provider call to a worker, which ends it (cancelled: %s)",
    async (endsRunning) => {
      const id = await batchOf(3);
      const window = await ledger.backlog.peekPending(id, 1);
      if (window !== undefined) await ledger.backlog.markQueued(id, window);
      await ledger.claims.claim(id, 0, "a/1");
      await ledger.claims.leave(id, 0, "a/1", {
        state: "retrying",
        wait: WAIT,
        receipt: { ...EMPTY_RECEIPT, firstIntentAt: 1 },
      });
      await ledger.control.pause(id, "");
      expect((await ledger.claims.claim(id, 0, "a/2")).kind).toBe("parked");
      await ledger.control.stop(id, { reason: "", code: "cancelled", endsRunning: endsRunning });
      expect(await counts(id)).toMatchObject({ cancelled: 2, queued: 1, pending: 0 });
      expect(await ledger.beginFinish(id)).toBeUndefined();
      expect(await ledger.backlog.cancelWaiting(id, [0], "cancelled")).toBe(0);
      expect(await ledger.claims.claim(id, 0, "a/3")).toMatchObject({
        kind: "claimed",
        cancelled: true,
        receipt: { firstIntentAt: 1 },
      });
      await ledger.claims.settle(id, 0, "a/3", outcome("cancelled_in_flight", { billed: "no" }));
      expect(await counts(id)).toMatchObject({ cancelled: 3, queued: 0 });
      expect(await ledger.read(id)).toMatchObject({
        failures: { cancelled: 2, cancelled_in_flight: 1 },
        maybeBilled: 0,
      });
      expect(await ledger.receipt(id, 0)).toBeUndefined();
    },
  );

  it("leaves a dead worker's portrait with a provider call to another worker", async () => {
    const id = await batchOf(2);
    const window = await ledger.backlog.peekPending(id, 2);
    if (window !== undefined) await ledger.backlog.markQueued(id, window);
    for (const index of [0, 1]) await ledger.claims.claim(id, index, `dead/${index}`);
    await ledger.claims.writeReceipt(id, 0, "dead/0", { ...EMPTY_RECEIPT, firstIntentAt: 1 });
    await ledger.control.cancel(id, "");
    const lost = new Map([
      [0, "dead/0"],
      [1, "dead/1"],
    ]);
    expect(await ledger.backlog.requeueLost(id, lost)).toBe(2);
    expect(await counts(id)).toMatchObject({ cancelled: 1, queued: 1, running: 0, pending: 0 });
    expect(await ledger.claims.claim(id, 0, "a/1")).toMatchObject({ kind: "claimed", cancelled: true });
  });

  it("tells a worker that claims a queued portrait of a cancelled batch", async () => {
    const id = await batchOf(2);
    const window = await ledger.backlog.peekPending(id, 2);
    if (window !== undefined) await ledger.backlog.markQueued(id, window);
    await ledger.control.cancel(id, "");
    const answer = await ledger.claims.claim(id, 0, "a/1");
    expect(answer.kind === "claimed" && answer.cancelled).toBe(true);
  });
});

describe("orphaned jobs", () => {
  it("are requeued with their receipts", async () => {
    const id = await batchOf(3);
    const window = await ledger.backlog.peekPending(id, 3);
    if (window !== undefined) await ledger.backlog.markQueued(id, window);
    await ledger.claims.claim(id, 1, "a/1");
    await ledger.claims.writeReceipt(id, 1, "a/1", { ...EMPTY_RECEIPT, storageFailures: 1 });
    expect(await ledger.backlog.requeueLost(id, new Map([[1, "a/1"]]))).toBe(1);
    expect((await ledger.claims.settle(id, 1, "a/1", outcome("ok"))).kind).toBe("stale");
    const again = await ledger.backlog.peekPending(id, 3);
    expect(again?.indexes).toEqual([1]);
    expect((await ledger.receipt(id, 1))?.storageFailures).toBe(1);
  });
});

describe("size in Redis", () => {
  let id = "";
  beforeAll(async () => {
    const spec = batchSpec();
    id = spec.id;
    await ledger.create(spec);
    const fence = await ledger.beginIngest(id);
    for (let part = 0; part < 200; part += 1) {
      await ledger.countPart(id, { fence, part, rows: 1_000, rejected: [], ...(part === 199 ? { end: {} } : {}) });
    }
    await ledger.control.pause(id, "measured");
  });

  it("holds a waiting portrait in less than 2 bytes", async () => {
    const keys = await opened.redis.keys(`${opened.namespace}:{${id}}:*`);
    const sizes = await Promise.all(
      keys.map(async (key) => Number(await opened.redis.memory("USAGE", key, "SAMPLES", 0))),
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    expect((await ledger.read(id))?.counts.pending).toBe(200_000);
    expect(bytes / 200_000).toBeLessThan(2);
  });
});
