import { afterAll, describe, expect, it } from "vitest";
import {
  type BatchSpec,
  type Call,
  EMPTY_RECEIPT,
  type OutcomeLine,
  type Receipt,
  opensAgain,
  resolveRecipe,
} from "@darkroom/core";
import { batchLedgerKeys, BatchRestore, batchStatus, MOST_ROUNDS, NOTHING_SEEN } from "../src/index.ts";
import { batchSpec, openLedger, outcome, WAIT } from "./open-ledger.ts";

const { ledger, redis, namespace, close } = openLedger();
afterAll(close);

const recipe = resolveRecipe({ preset: "skin-smoothing", mode: "eco" });
const ROUND = { at: 1, codes: ["timeout" as const], recipe };

async function batchOf(rows: number, overrides: Partial<BatchSpec> = {}): Promise<string> {
  const spec = batchSpec(overrides);
  await ledger.create(spec, { breaker: false });
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows, rejected: [], end: {} });
  return spec.id;
}

async function dispatch(id: string, limit: number): Promise<readonly number[]> {
  const window = await ledger.backlog.peekPending(id, limit);
  if (window === undefined) return [];
  await ledger.backlog.markQueued(id, window);
  return window.indexes;
}

async function linesOf(id: string): Promise<readonly OutcomeLine[]> {
  return (await ledger.undrainedOutcomes(id, 100)).map(({ line }) => JSON.parse(line) as OutcomeLine);
}

async function end(id: string, index: number, code: "ok" | "timeout"): Promise<void> {
  await ledger.claims.claim(id, index, `t/${index}`);
  expect((await ledger.claims.settle(id, index, `t/${index}`, outcome(code))).kind).toBe("applied");
}

describe("dispatch", () => {
  it("returns to a portrait that was requeued while later ones were being added", async () => {
    const id = await batchOf(10);
    await dispatch(id, 4);
    const window = await ledger.backlog.peekPending(id, 3);
    expect((await ledger.claims.claim(id, 1, "t/1", { resting: "hours" })).kind).toBe("parked");
    if (window !== undefined) await ledger.backlog.markQueued(id, window);
    expect(await dispatch(id, 10)).toEqual([1, 7, 8, 9]);
  });
});

describe("a batch", () => {
  it("that ends during a pause does not take the pause's reason as its own", async () => {
    const id = await batchOf(1);
    await dispatch(id, 1);
    await ledger.claims.claim(id, 0, "t/0");
    await ledger.control.pause(id, "lunch");
    await ledger.claims.settle(id, 0, "t/0", outcome("ok"));
    expect(await ledger.endBatch(id, (await ledger.beginFinish(id)) ?? -1, "completed")).toBe(true);
    expect(await ledger.read(id)).toMatchObject({ state: "completed", reason: undefined, pausedBy: undefined });
  });
});

describe("a retry", () => {
  it("skips a portrait whose outcome has changed since the retry read it", async () => {
    const id = await batchOf(2);
    await end(id, 0, "timeout");
    await ledger.control.beginRound(id, ROUND);
    await ledger.control.reopen(id, 1, new Map([[0, { code: "timeout" }]]));
    await ledger.control.endReopening(id, 1);
    await ledger.claims.claim(id, 0, "t/0");
    await ledger.control.beginRound(id, ROUND);
    await ledger.claims.settle(id, 0, "t/0", outcome("corrupt_output"));
    expect(await ledger.control.reopen(id, 2, new Map([[0, { code: "timeout" }]]))).toBe(0);
    // An outcome line of the portrait's round that Redis has forgotten.
    expect(await ledger.control.reopen(id, 2, new Map([[0, { code: "timeout", round: 1 }]]))).toBe(0);
    expect(await ledger.read(id)).toMatchObject({ failures: { corrupt_output: 1 }, counts: { failed: 1, pending: 1 } });
    expect(await ledger.control.reopen(id, 2, new Map([[0, { code: "corrupt_output", round: 1 }]]))).toBe(1);
    expect((await ledger.read(id))?.failures).toEqual({});
  });

  it("of a stopped batch with a repaired count reopens as many failures as were counted", async () => {
    const id = await batchOf(5);
    await ledger.control.cancel(id, "no");
    await redis.hincrby(batchLedgerKeys(namespace, id).meta, "stopped", -2);
    await redis.hincrby(batchLedgerKeys(namespace, id).meta, "n7", -2);
    await redis.hincrby(batchLedgerKeys(namespace, id).failures, "cancelled", -2);
    await ledger.recount(id, true);
    expect(await ledger.read(id)).toMatchObject({ failures: { cancelled: 5 }, counts: { cancelled: 5 } });
    expect(await ledger.endBatch(id, (await ledger.beginFinish(id)) ?? -1, "cancelled")).toBe(true);
    await ledger.control.beginRound(id, ROUND);
    expect(await ledger.read(id)).toMatchObject({ failures: {}, counts: { pending: 5 } });
  });

  it("that is cancelled during the reopening leaves exact counts, and can be repeated", async () => {
    const id = await batchOf(6);
    await dispatch(id, 6);
    for (const index of [0, 1, 2, 3]) await end(id, index, "timeout");
    for (const index of [4, 5]) await end(id, index, "ok");
    await ledger.control.beginRound(id, ROUND);
    await ledger.control.reopen(id, 1, new Map([[0, { code: "timeout" }]]));
    await ledger.control.cancel(id, "no");
    expect(await ledger.control.reopen(id, 1, new Map([[1, { code: "timeout" }]]))).toBe(0);
    const record = await ledger.read(id);
    expect(record).toMatchObject({
      counts: { pending: 0, cancelled: 1, failed: 3, succeeded: 2 },
      reopening: undefined,
    });
    expect(record?.failures).toEqual({ timeout: 3, cancelled: 1 });
    expect(await ledger.recount(id, false)).toEqual([]);
    expect(await ledger.endBatch(id, (await ledger.beginFinish(id)) ?? -1, "cancelled")).toBe(true);
    expect(await ledger.control.beginRound(id, ROUND)).toEqual({ kind: "begun", number: 2 });
    expect((await ledger.read(id))?.counts).toMatchObject({ pending: 1, cancelled: 0, failed: 3 });
  });

  it("that arrives while a producer ends the batch is not undone", async () => {
    const id = await batchOf(1);
    await dispatch(id, 1);
    await end(id, 0, "timeout");
    // Two producers end the batch. One finishes first, and a user retries before the other finishes.
    const round = (await ledger.beginFinish(id)) ?? -1;
    const consistency = { score: 80, measured: 5, review: 1 };
    expect(await ledger.endBatch(id, round, "completed_with_failures", { consistency })).toBe(true);
    expect(await ledger.read(id)).toMatchObject({ state: "completed_with_failures", consistency });
    expect((await ledger.control.beginRound(id, ROUND)).kind).toBe("begun");
    expect(await ledger.endBatch(id, round, "completed_with_failures", { consistency })).toBe(false);
    expect(await ledger.read(id)).toMatchObject({ state: "running", consistency: undefined });
    expect(await ledger.beginFinish(id)).toBeUndefined();
    expect(await ledger.activeBatches()).toContain(id);
  });

  it("becomes the round of the portraits that it opens, in claims and outcome lines; others keep their own", async () => {
    const id = await batchOf(4);
    await dispatch(id, 3);
    await end(id, 0, "timeout");
    await ledger.control.beginRound(id, ROUND);
    await ledger.control.reopen(id, 1, new Map([[0, { code: "timeout" }]]));
    await ledger.control.endReopening(id, 1);
    await dispatch(id, 4);
    const claims = await Promise.all([0, 1, 3].map((index) => ledger.claims.claim(id, index, `t/${index}`)));
    expect(claims).toMatchObject([
      { round: 1, batchRound: 1 },
      { round: 0, batchRound: 1 },
      { round: 0, batchRound: 1 },
    ]);
    await end(id, 0, "timeout");
    await end(id, 1, "timeout");
    await ledger.control.cancel(id, "no");
    await ledger.backlog.cancelWaiting(id, [2], "cancelled");
    const lines = (await linesOf(id)).map(({ index, round, batchRound }) => [index, round, batchRound]);
    expect(lines).toEqual([
      [0, undefined, undefined],
      [0, 1, undefined],
      [1, undefined, 1],
      [2, undefined, 1],
    ]);
    // Neither of the two portraits that ended in the round must still be reopened by it.
    expect((await linesOf(id)).map((line) => opensAgain({ ...ROUND, number: 1 }, line))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it("becomes the round of all portraits that a stopped batch never started, including those of an earlier round", async () => {
    const id = await batchOf(5);
    await dispatch(id, 2);
    await end(id, 0, "timeout");
    await end(id, 1, "ok");
    await ledger.control.beginRound(id, ROUND);
    await ledger.control.reopen(id, 1, new Map([[0, { code: "timeout" }]]));
    await ledger.control.endReopening(id, 1);
    await ledger.control.cancel(id, "no");
    expect(await ledger.endBatch(id, (await ledger.beginFinish(id)) ?? -1, "cancelled")).toBe(true);
    expect(await ledger.control.beginRound(id, ROUND)).toEqual({ kind: "begun", number: 2 });
    await ledger.control.endReopening(id, 2);
    expect(await dispatch(id, 5)).toEqual([0, 2, 3, 4]);
    const claims = await Promise.all([0, 2].map((index) => ledger.claims.claim(id, index, `t/${index}`)));
    expect(claims).toMatchObject([{ round: 2 }, { round: 2 }]);
    expect(await ledger.read(id)).toMatchObject({ round: 2, baseRound: 2 });
  });

  it("also starts in a cancelled batch without waiting portraits", async () => {
    const id = await batchOf(1);
    await dispatch(id, 1);
    await ledger.control.cancel(id, "no");
    await ledger.backlog.cancelWaiting(id, [0], "cancelled");
    expect(await ledger.endBatch(id, (await ledger.beginFinish(id)) ?? -1, "cancelled")).toBe(true);
    expect(await ledger.control.beginRound(id, ROUND)).toEqual({ kind: "begun", number: 1 });
    expect(await ledger.control.reopen(id, 1, new Map([[0, { code: "cancelled" }]]))).toBe(1);
    expect(await ledger.read(id)).toMatchObject({ counts: { pending: 1, cancelled: 0 }, failures: {} });
  });

  it("of several rounds at once starts no portrait until those of all rounds are open", async () => {
    const id = await batchOf(3);
    await dispatch(id, 2);
    for (const index of [0, 1]) await end(id, index, "timeout");
    expect(await ledger.control.beginRound(id, ROUND, { more: [ROUND] })).toEqual({ kind: "begun", number: 1 });
    expect(await ledger.control.beginRound(id, ROUND)).toEqual({ kind: "busy" });
    expect(await ledger.control.reopen(id, 2, new Map([[1, { code: "timeout" }]]))).toBe(1);
    expect(await ledger.control.reopen(id, 1, new Map([[0, { code: "timeout" }]]))).toBe(1);
    expect(await ledger.read(id)).toMatchObject({ round: 2, reopening: 1, rounds: [{ opened: 1 }, { opened: 1 }] });
    expect(await ledger.backlog.peekPending(id, 3)).toBeUndefined();
    await ledger.control.endReopening(id, 1);
    expect(await dispatch(id, 3)).toEqual([0, 1, 2]);
    const claims = await Promise.all([0, 1, 2].map((index) => ledger.claims.claim(id, index, `t/${index}`)));
    expect(claims).toMatchObject([{ round: 1 }, { round: 2 }, { round: 0 }]);
    expect(await ledger.control.reopen(id, 2, new Map([[1, { code: "timeout" }]]))).toBe(0);
  });

  it("is rejected after the maximum number of rounds, and changes nothing", async () => {
    const id = await batchOf(1);
    await redis.hset(batchLedgerKeys(namespace, id).meta, "round", MOST_ROUNDS - 1);
    expect(await ledger.control.beginRound(id, ROUND, { more: [ROUND] })).toEqual({ kind: "full" });
    await redis.hset(batchLedgerKeys(namespace, id).meta, "round", MOST_ROUNDS);
    expect(await ledger.control.beginRound(id, ROUND)).toEqual({ kind: "full" });
    expect(await ledger.read(id)).toMatchObject({ round: MOST_ROUNDS, reopening: undefined, revision: 0 });
  });

  it("is estimated at its own recipe's price, and the rest of the batch at that of the first", async () => {
    const id = await batchOf(10, { prices: { "each-sense": { eco: 0.02, max: 0.2 } } });
    await dispatch(id, 2);
    await end(id, 0, "timeout");
    await end(id, 1, "timeout");
    await ledger.control.beginRound(id, { ...ROUND, recipe: { ...recipe, mode: "max" } });
    await ledger.control.reopen(id, 1, new Map([[1, { code: "timeout" }]]));
    await ledger.control.endReopening(id, 1);
    const record = await ledger.read(id);
    const context = { ...NOTHING_SEEN, nowMs: 0, report: undefined };
    expect(record && batchStatus(record, context).estimatedCostUsd).toBeCloseTo(8 * 0.02 + 0.2);
  });
});

describe("a portrait that waited only at the gate", () => {
  const waited = { ...EMPTY_RECEIPT, storageFailures: 1 };

  it("is not started after the deadline, nor reported as in flight", async () => {
    const id = await batchOf(3);
    await dispatch(id, 3);
    for (const index of [0, 1]) {
      await ledger.claims.claim(id, index, `t/${index}`);
      await ledger.claims.leave(id, index, `t/${index}`, { state: "retrying", wait: WAIT, receipt: waited });
    }
    await ledger.control.pause(id, "");
    expect((await ledger.claims.claim(id, 0, "u/0")).kind).toBe("parked");
    await ledger.control.stop(id, { reason: "late", code: "deadline_passed", endsRunning: false });
    const answer = await ledger.claims.claim(id, 1, "u/1");
    expect(answer.kind === "claimed" && answer.cancelled).toBe(true);
    await ledger.claims.settle(id, 1, "u/1", outcome("deadline_passed"));
    expect(await ledger.backlog.cancelWaiting(id, [2], "deadline_passed")).toBe(1);
    expect(await ledger.read(id)).toMatchObject({ failures: { deadline_passed: 3 }, maybeBilled: 0 });
  });
});

describe("a deadline's stop", () => {
  it("can be followed by a cancel that also ends running portraits", async () => {
    const id = await batchOf(2);
    await dispatch(id, 1);
    await ledger.claims.claim(id, 0, "t/0");
    await ledger.control.stop(id, { reason: "late", code: "deadline_passed", endsRunning: false });
    expect((await ledger.read(id))?.endsRunning).toBe(false);
    await ledger.control.cancel(id, "now");
    expect((await ledger.read(id))?.endsRunning).toBe(true);
  });
});

describe("two concurrent restores of a batch", () => {
  it("have the effect of one", async () => {
    const spec = batchSpec();
    const batch = {
      spec,
      limits: {},
      control: undefined,
      state: "running" as const,
      parts: 1,
      total: 4,
      ingested: true,
      kinds: { "max/steps": 3 },
      days: [{ day: "2026-11-21", lane: spec.lane, costUsd: 0.5, lostUsd: 0, maybeUsd: 0 }],
      maybeBilled: 0,
      reportParts: 1,
      fields: {},
    };
    const [one, other] = [new BatchRestore(redis, namespace, spec.id), new BatchRestore(redis, namespace, spec.id)];
    await one.add(0, ["succeeded", "failed", "pending", "pending"], []);
    expect(await one.finish(batch)).toBe(true);
    expect((await ledger.read(spec.id))?.kinds).toEqual({ "max/steps": 3 });
    expect(await dispatch(spec.id, 2)).toEqual([2, 3]);
    await ledger.claims.claim(spec.id, 2, "t/2");
    await other.add(0, ["succeeded", "failed", "pending", "pending"], []);
    expect(await other.finish(batch)).toBe(false);
    expect(await ledger.state(spec.id, 2)).toBe("running");
    expect(await ledger.recount(spec.id, false)).toEqual([]);
    expect(await redis.keys(`${namespace}:{${spec.id}}:restore-*`)).toEqual([]);
  });
});

describe("ending waiting portraits of a stopped batch with calls", () => {
  const called: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1 };
  const open: Call = { step: 0, at: 1, generation: 0, priceMicroUsd: 50_000, status: "intended" };
  const spent: Call = { ...open, status: "spent" };

  /** A stopped batch in which portraits 0…2 wait with these receipts. */
  async function stopped(receipts: readonly Receipt[], endsRunning = true) {
    const id = await batchOf(receipts.length + 1);
    await dispatch(id, receipts.length);
    for (const [index, receipt] of receipts.entries()) {
      await ledger.claims.claim(id, index, `t/${index}`);
      await ledger.claims.leave(id, index, `t/${index}`, {
        state: index % 2 === 0 ? "queued" : "retrying",
        wait: WAIT,
        receipt,
      });
    }
    await ledger.control.stop(id, { reason: "", code: "cancelled", endsRunning });
    const indexes = receipts.map((_, index) => index);
    return { id, indexes, seen: await ledger.stopped.seen({ spec: batchSpec({ id }), endsRunning }, indexes) };
  }

  it("reports the cost of each, counts it once, and skips those without a provider call", async () => {
    const { id, seen } = await stopped([
      { ...called, calls: [spent] },
      { ...called, calls: [open] },
      { ...called, lane: "other", calls: [{ ...open, status: "unpaid" }] },
      EMPTY_RECEIPT,
    ]);
    expect(await ledger.stopped.end(id, seen, "cancelled")).toBe(3);
    expect(await ledger.stopped.end(id, seen, "cancelled")).toBe(0);
    const record = await ledger.read(id);
    expect(record).toMatchObject({
      counts: { cancelled: 4, queued: 0, retrying: 1 },
      failures: { cancelled: 1, cancelled_in_flight: 3 },
      costUsd: 0,
      lostUsd: 0.05,
      maybeUsd: 0.05,
      maybeBilled: 1,
    });
    const lines = (await ledger.undrainedOutcomes(id, 10)).map(({ line }) => JSON.parse(line) as OutcomeLine);
    expect(lines.map(({ index, billed, lane }) => [index, billed, lane])).toEqual([
      [0, "yes", undefined],
      [1, "maybe", undefined],
      [2, "no", "other"],
    ]);
    expect(await ledger.recount(id, false)).toEqual([]);
    expect(await ledger.receiptIndexes(id)).toEqual([3]);
  });

  it("skips a portrait that a worker has claimed or written to since it was read", async () => {
    const { id, seen } = await stopped([called, called, called]);
    await ledger.claims.claim(id, 0, "u/0");
    await ledger.claims.claim(id, 1, "u/1");
    await ledger.claims.leave(id, 1, "u/1", {
      state: "queued",
      wait: WAIT,
      receipt: { ...called, calls: [spent] },
    });
    expect(await ledger.stopped.end(id, seen, "cancelled")).toBe(1);
    expect(await ledger.states(id, 0, 4)).toEqual(["running", "queued", "cancelled", "pending"]);
  });

  it("lets portraits that a deadline allows to finish continue, except pending ones", async () => {
    const id = await batchOf(2);
    await dispatch(id, 2);
    for (const index of [0, 1]) {
      await ledger.claims.claim(id, index, `t/${index}`);
      await ledger.claims.leave(id, index, `t/${index}`, { state: "queued", wait: WAIT, receipt: called });
    }
    await ledger.backlog.park(id, 1);
    await ledger.control.stop(id, { reason: "", code: "cancelled", endsRunning: false });
    const batch = { spec: batchSpec({ id }), endsRunning: false };
    expect((await ledger.stopped.seen(batch, [0, 1])).map(({ index }) => index)).toEqual([1]);
    const all = await ledger.stopped.seen({ ...batch, endsRunning: true }, [0, 1]);
    expect(await ledger.stopped.end(id, all, "deadline_passed")).toBe(1);
    expect(await ledger.state(id, 0)).toBe("queued");
  });
});

describe("a worker that comes back late", () => {
  it("does not overwrite the newer receipt of a worker that has called since", async () => {
    const id = await batchOf(1);
    const call: Call = { step: 0, at: 1_000, generation: 0, status: "intended" };
    const first: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1_000, calls: [call] };
    const later: Receipt = {
      ...first,
      calls: [
        { ...call, status: "given-up" },
        { ...call, at: 90_000 },
      ],
    };
    await ledger.claims.claim(id, 0, "frozen/0");
    await ledger.claims.writeReceipt(id, 0, "frozen/0", first);
    await ledger.claims.claim(id, 0, "other/0", { takeOver: "frozen/0" });
    await ledger.claims.leave(id, 0, "other/0", { state: "retrying", wait: WAIT, receipt: later });
    const { fence = 0 } = (await ledger.read(id)) ?? {};
    expect(await ledger.claims.reclaim(id, 0, { token: "frozen/0", fence }, first)).toEqual({ kind: "lost" });
    expect(await ledger.claims.claim(id, 0, "other/1")).toMatchObject({ kind: "claimed", receipt: later });
  });
});

describe("rounds that Redis has forgotten", () => {
  it("do not change an earlier round that is being opened", async () => {
    const id = await batchOf(2);
    for (const index of [0, 1]) await end(id, index, "timeout");
    await ledger.control.beginRound(id, ROUND);
    await ledger.control.reopen(id, 1, new Map([[0, { code: "timeout" }]]));
    await ledger.control.adoptRounds(id, [{ ...ROUND, at: 9, number: 2, opened: 0 }]);
    expect(await ledger.read(id)).toMatchObject({ round: 2, reopening: 1 });
    expect(await ledger.control.reopen(id, 1, new Map([[1, { code: "timeout" }]]))).toBe(1);
  });
});
