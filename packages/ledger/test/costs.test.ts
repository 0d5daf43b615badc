import { afterAll, describe, expect, it } from "vitest";
import { type Call, EMPTY_RECEIPT, type Receipt, utcDay } from "@darkroom/core";
import { batchLedgerKeys, CostBook } from "../src/index.ts";
import { batchSpec, openLedger, outcome, WAIT } from "./open-ledger.ts";

const { ledger, redis, namespace, close } = openLedger();
afterAll(async () => await close());

async function batchOf(rows: number, maxCostUsd?: number, pilot?: number): Promise<string> {
  const control = { ...(maxCostUsd === undefined ? {} : { maxCostUsd }), ...(pilot === undefined ? {} : { pilot }) };
  const spec = batchSpec({ control });
  await ledger.create(spec);
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows, rejected: [], end: {} });
  return spec.id;
}

async function start(id: string, index: number): Promise<string> {
  const window = await ledger.backlog.peekPending(id, 10);
  if (window !== undefined) await ledger.backlog.markQueued(id, window);
  const token = `w/${index}`;
  expect((await ledger.claims.claim(id, index, token)).kind).toBe("claimed");
  return token;
}

const spent = async (id: string) => {
  const record = await ledger.read(id);
  const { costUsd, lostUsd, maybeUsd, maybeBilled, days } = record!;
  return { costUsd, lostUsd, maybeUsd, maybeBilled, days };
};

const today = (): string => utcDay(Date.now());
const open: Call = { step: 0, at: 1, generation: 0, status: "intended" };
const paid: Call = {
  ...open,
  priceMicroUsd: 100_000,
  status: "answered",
  outputs: { urls: ["https://cdn.example/1.png"], at: 2 },
};

describe("settling", () => {
  it("counts delivered, lost and maybe apart, once, on the day and in the lane of the work", async () => {
    const id = await batchOf(3);
    const tokens = [await start(id, 0), await start(id, 1), await start(id, 2)];
    const ok = outcome("ok", { billed: "yes", costUsd: 0.1, lostUsd: 0.05 });
    expect((await ledger.claims.settle(id, 0, tokens[0]!, ok)).kind).toBe("applied");
    expect((await ledger.claims.settle(id, 0, tokens[0]!, ok)).kind).toBe("duplicate");
    await ledger.claims.settle(id, 1, tokens[1]!, outcome("timeout", { billed: "maybe", costUsd: 0, maybeUsd: 0.2 }));
    await ledger.claims.settle(id, 2, tokens[2]!, outcome("ok", { billed: "yes", costUsd: 0.3, lane: "another:one" }));
    const day = today();
    expect(await spent(id)).toEqual({
      costUsd: 0.4,
      lostUsd: 0.05,
      maybeUsd: 0.2,
      maybeBilled: 1,
      days: [
        { day, lane: "each-sense", costUsd: 0.1, lostUsd: 0.05, maybeUsd: 0.2 },
        { day, lane: "another:one", costUsd: 0.3, lostUsd: 0, maybeUsd: 0 },
      ],
    });
  });

  it("a thousand times by a tenth of a cent is exact", async () => {
    const id = await batchOf(10);
    for (let index = 0; index < 10; index += 1) {
      await ledger.claims.settle(id, index, await start(id, index), outcome("ok", { billed: "yes", costUsd: 0.001 }));
    }
    expect((await spent(id)).costUsd).toBe(0.01);
  });
});

describe("a budget", () => {
  it("is the latest one set, whether the batch was paused or runs", async () => {
    const id = await batchOf(9, 5);
    expect(await ledger.control.resume(id, 200_000)).toEqual({ kind: "done", state: "running", budgetFull: false });
    expect(await ledger.read(id)).toMatchObject({ maxCostUsd: 0.2, revision: 1 });
    await ledger.control.resume(id, 200_000);
    await ledger.control.resume(id);
    expect(await ledger.read(id)).toMatchObject({ maxCostUsd: 0.2, revision: 1 });
  });

  it("that a resume refuses changes nothing", async () => {
    const id = await batchOf(2, 5);
    await ledger.control.pause(id, "the budget", { by: "budget" });
    const { meta } = batchLedgerKeys(namespace, id);
    const before = await redis.hgetall(meta);
    for (const budget of [undefined, 5_000_000, 4_000_000]) {
      expect(await ledger.control.resume(id, budget)).toMatchObject({ kind: "refused", budgetFull: true });
    }
    expect(await redis.hgetall(meta)).toEqual(before);
    expect(await ledger.control.resume(id, 6_000_000)).toMatchObject({ kind: "done", budgetFull: false });
  });

  it("that Redis had forgotten is restored, whatever was spent since", async () => {
    const id = await batchOf(2, 5);
    await ledger.claims.settle(id, 0, await start(id, 0), outcome("ok", { billed: "yes", costUsd: 0.2 }));
    expect(await ledger.control.resume(id, 200_000, undefined, { checksSpent: true })).toMatchObject({
      kind: "refused",
      spent: { usd: 0.2, maybeUsd: 0 },
    });
    expect(await ledger.read(id)).toMatchObject({ maxCostUsd: 5 });
    expect(await ledger.control.resume(id, 200_000)).toMatchObject({ kind: "done" });
    expect(await ledger.read(id)).toMatchObject({ maxCostUsd: 0.2 });
  });

  it.each([
    ["of a batch that runs lets go on", false],
    ["of a paused batch calls nobody for", true],
  ])("aside, a deadline %s what was called and waits", async (_, isPaused) => {
    const id = await batchOf(2);
    const called: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: 1 };
    const [again, linked] = [await start(id, 0), await start(id, 1)];
    await ledger.claims.leave(id, 0, again, { state: "retrying", wait: WAIT, receipt: { ...called, calls: [open] } });
    await ledger.claims.leave(id, 1, linked, {
      state: "retrying",
      wait: WAIT,
      receipt: { ...called, calls: [paid] },
    });
    if (isPaused) await ledger.control.pause(id, "wrong prompt");
    await ledger.control.stop(id, { reason: "its deadline", code: "deadline_passed", endsRunning: false });
    expect(await ledger.claims.claim(id, 0, "w/again")).toMatchObject({ kind: "claimed", cancelled: isPaused });
    // A paid picture is fetched nevertheless.
    expect(await ledger.claims.claim(id, 1, "w/linked")).toMatchObject({ kind: "claimed", cancelled: false });
  });
});

describe("the cost book", () => {
  const book = new CostBook(redis, namespace);
  const entry = { day: "2026-11-21", lane: "a lane", costUsd: 0.1, lostUsd: 0.05, maybeUsd: 0 };

  it("holds a batch's sums of a day, in any order and number of writes", async () => {
    const other = { ...entry, lane: "b", costUsd: 2 };
    await book.note({ id: "batch-1" }, [{ ...entry, costUsd: 0.2 }, other]);
    await book.note({ id: "batch-1" }, [entry]);
    await book.note({ id: "batch-2" }, [{ ...entry, day: "2026-11-22" }]);
    const found = await book.read(["2026-11-20", "2026-11-21", "2026-11-22"]);
    expect(found.toSorted((a, b) => a.costUsd - b.costUsd)).toEqual([
      { ...entry, batchId: "batch-2", day: "2026-11-22" },
      { ...entry, batchId: "batch-1", costUsd: 0.2 },
      { ...other, batchId: "batch-1" },
    ]);
  });

  it("keeps a day for 400 days, and none that is older", async () => {
    const days = 86_400_000;
    const [recent, old] = [utcDay(Date.now() - 10 * days), utcDay(Date.now() - 500 * days)];
    await book.note({ id: "batch-3" }, [
      { ...entry, day: recent },
      { ...entry, day: old },
    ]);
    expect(await book.read([old])).toEqual([]);
    const leftMs = await redis.pttl(`${namespace}:costs:${recent}`);
    expect(leftMs / days).toBeGreaterThan(388);
    expect(leftMs / days).toBeLessThanOrEqual(390);
  });
});
