import { afterAll, describe, expect, it } from "vitest";
import { utcDay, type OutcomeLine } from "@darkroom/core";
import {
  affordable,
  CostBook,
  EMPTY_RECEIPT,
  withMaybe,
  withoutMaybe,
  withoutTurns,
  type Receipt,
  type Turn,
} from "../src/index.ts";
import { batchSpec, openLedger, outcome } from "./open-ledger.ts";

const { ledger, redis, namespace, close } = openLedger();
afterAll(async () => await close());

async function batchOf(rows: number, maxCostUsd?: number): Promise<string> {
  const spec = batchSpec(maxCostUsd === undefined ? {} : { control: { maxCostUsd } });
  await ledger.create(spec, { reserveUsd: 0.1 });
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows, rejected: [], end: {} });
  return spec.id;
}

async function start(id: string, index: number): Promise<string> {
  const window = await ledger.peekPending(id, 10);
  if (window !== undefined) await ledger.markQueued(id, window);
  const token = `w/${index}`;
  expect((await ledger.claim(id, index, token)).kind).toBe("claimed");
  return token;
}

const spent = async (id: string) => {
  const record = await ledger.read(id);
  const { costUsd, lostUsd, maybeUsd, maybeBilled, days } = record!;
  return { costUsd, lostUsd, maybeUsd, maybeBilled, days };
};

const today = (): string => utcDay(Date.now());
const open: Turn = { intentAt: 1, generation: 0 };
const paid: Turn = { intentAt: 1, generation: 0, outputUrl: "https://cdn.example/1.png", outputAt: 2 };
/** A first step that was paid, and a second one that was sent. */
const TWO_STEPS: Receipt = {
  ...EMPTY_RECEIPT,
  firstIntentAt: 1,
  attempts: 1,
  paidTurns: 1,
  callMicroUsd: 50_000,
  turns: [paid, open],
};

describe("settling", () => {
  it("counts delivered, lost and maybe apart, once, on the day and in the lane of the work", async () => {
    const id = await batchOf(3);
    const tokens = [await start(id, 0), await start(id, 1), await start(id, 2)];
    const ok = outcome("ok", { billed: "yes", costUsd: 0.1, lostUsd: 0.05 });
    expect((await ledger.settle(id, 0, tokens[0]!, ok)).kind).toBe("applied");
    expect((await ledger.settle(id, 0, tokens[0]!, ok)).kind).toBe("duplicate");
    await ledger.settle(id, 1, tokens[1]!, outcome("timeout", { billed: "maybe", costUsd: 0, maybeUsd: 0.2 }));
    await ledger.settle(id, 2, tokens[2]!, outcome("ok", { billed: "yes", costUsd: 0.3, lane: "another:one" }));
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
      await ledger.settle(id, index, await start(id, index), outcome("ok", { billed: "yes", costUsd: 0.001 }));
    }
    expect((await spent(id)).costUsd).toBe(0.01);
  });
});

describe("a portrait that is given up without a worker", () => {
  const givenUp = (line: OutcomeLine | undefined) => ({
    code: line?.code,
    billed: line?.billed,
    costUsd: line?.costUsd,
    lostUsd: line?.lostUsd,
    maybeUsd: line?.maybeUsd,
  });
  const expected = { code: "cancelled_in_flight", billed: "maybe", costUsd: 0, lostUsd: 0.05, maybeUsd: 0.05 };

  it("when its batch is stopped while it waits has lost what its receipt says was paid", async () => {
    const id = await batchOf(2);
    await ledger.leave(id, 0, await start(id, 0), "retrying", TWO_STEPS);
    await ledger.control.pause(id, "");
    expect((await ledger.claim(id, 0, "w/again")).kind).toBe("claimed");
    await ledger.leave(id, 0, "w/again", "queued", { ...TWO_STEPS, turns: [open, open] });
    expect((await ledger.claim(id, 0, "w/later")).kind).toBe("parked");
    await ledger.control.cancel(id, "");
    const line = (await ledger.details(id, [0])).get(0);
    // Two turns are open, and one is known to have been paid.
    expect(givenUp(line)).toEqual({ ...expected, maybeUsd: 0.1 });
    expect(line?.attempts).toBe(1);
    expect(await spent(id)).toMatchObject({ costUsd: 0, lostUsd: 0.05, maybeUsd: 0.1, maybeBilled: 1 });
  });

  it("when its job is lost in a stopped batch too", async () => {
    const id = await batchOf(2);
    const token = await start(id, 0);
    await ledger.writeReceipt(id, 0, token, TWO_STEPS);
    await ledger.control.cancel(id, "");
    expect(await ledger.requeueLost(id, new Map([[0, token]]))).toBe(1);
    expect(givenUp((await ledger.details(id, [0])).get(0))).toEqual(expected);
    expect(await spent(id)).toMatchObject({
      lostUsd: 0.05,
      maybeUsd: 0.05,
      days: [{ day: today(), lane: "each-sense", costUsd: 0, lostUsd: 0.05, maybeUsd: 0.05 }],
    });
  });

  it("says that the sums are not known where there was no price", async () => {
    const id = await batchOf(2);
    const token = await start(id, 0);
    const { callMicroUsd: _, ...unpriced } = TWO_STEPS;
    await ledger.writeReceipt(id, 0, token, unpriced);
    await ledger.control.cancel(id, "");
    await ledger.requeueLost(id, new Map([[0, token]]));
    expect(givenUp((await ledger.details(id, [0])).get(0))).toEqual({ ...expected, lostUsd: null, maybeUsd: null });
    expect(await spent(id)).toMatchObject({ lostUsd: 0, maybeUsd: 0, maybeBilled: 1, days: [] });
  });
});

describe("a budget", () => {
  it("counts in what was lost and what may have been paid, in the claim as in the dispatch", async () => {
    // 0.1 is set aside for a portrait; 0.1 was lost, and three calls of one portrait may have been paid.
    const id = await batchOf(4, 0.5);
    const [lost, maybe] = [await start(id, 0), await start(id, 1)];
    await ledger.settle(id, 0, lost, outcome("no_output", { billed: "yes", lostUsd: 0.1 }));
    await ledger.settle(id, 1, maybe, outcome("timeout", { billed: "maybe", maybeUsd: 0.3 }));
    expect((await ledger.readForDispatch(id))?.affordable).toBe(0);
    expect((await ledger.claim(id, 2, "w/2")).kind).toBe("parked");
    // The last one in flight is the one that is still paid for.
    expect((await ledger.claim(id, 3, "w/3")).kind).toBe("claimed");
  });

  it("counts what a portrait's calls may have cost before it is called again", async () => {
    const id = await batchOf(2, 0.35);
    const intentAt = Date.now();
    const called = { ...EMPTY_RECEIPT, attempts: 1, callMicroUsd: 100_000, firstIntentAt: intentAt };
    const unclear = withMaybe({ ...called, turns: [{ intentAt, generation: 0 }] }, 0);
    const [first, second] = [await start(id, 0), await start(id, 1)];
    await ledger.leave(id, 0, first, "retrying", { ...unclear, paidTurns: 1 });
    // 0.2 are gone, and 0.2 are set aside for the two in flight; the other one may still be done for less.
    expect((await ledger.claim(id, 0, "w/again")).kind).toBe("parked");
    expect(await ledger.read(id)).toMatchObject({ state: "running", counts: { pending: 1, running: 1 } });
    await ledger.settle(id, 1, second, outcome("ok", { billed: "yes", costUsd: 0.1 }));
    expect((await ledger.claim(id, 0, "w/later")).kind).toBe("parked");
    expect(await ledger.read(id)).toMatchObject({ state: "paused", pausedBy: "budget", counts: { pending: 1 } });
    await ledger.control.resume(id, 400_000);
    expect((await ledger.claim(id, 0, "w/raised")).kind).toBe("claimed");
  });

  it("leaves a picture to which there is a link to be fetched, and a first open call to be looked for", async () => {
    const id = await batchOf(1, 0.1);
    const called = { ...EMPTY_RECEIPT, callMicroUsd: 100_000, firstIntentAt: Date.now(), attempts: 1 };
    const token = await start(id, 0);
    await ledger.leave(id, 0, token, "retrying", { ...called, turns: [{ intentAt: 1, generation: 0 }] });
    expect((await ledger.claim(id, 0, "w/looks")).kind).toBe("claimed");
    const turn = { intentAt: 1, generation: 0, outputUrl: "https://cdn.test/a.png", outputAt: 2 };
    await ledger.leave(id, 0, "w/looks", "retrying", { ...called, paidTurns: 3, turns: [turn] });
    expect((await ledger.claim(id, 0, "w/fetches")).kind).toBe("claimed");
  });

  it("of nothing set aside ends with the money", () => {
    const spending = {
      maxCostUsd: 1,
      reserveUsd: 0,
      costUsd: 0.5,
      lostUsd: 0.2,
      maybeUsd: 0.2,
      maybeBilled: 9,
      inFlight: 9,
    };
    expect(affordable(spending)).toBe(Infinity);
    expect(affordable({ ...spending, maybeUsd: 0.3 })).toBe(0);
  });
});

describe("a receipt", () => {
  it("counts an open turn once among those that may have been paid, and takes it back when it is found", () => {
    const once = withMaybe({ ...EMPTY_RECEIPT, turns: [open] }, 0);
    expect(withMaybe(once, 0)).toEqual(once);
    expect(once).toMatchObject({ maybeBilled: true, maybeCalls: 1 });
    expect(withoutMaybe(once, 0)).toEqual({ ...EMPTY_RECEIPT, maybeCalls: 0, turns: [open] });
  });

  it("keeps an earlier one when the later one is found", () => {
    const before = { ...EMPTY_RECEIPT, maybeBilled: true, maybeCalls: 1, turns: [open] };
    expect(withoutMaybe(withMaybe(before, 0), 0)).toMatchObject({ maybeBilled: true, maybeCalls: 1 });
  });

  it("without turns that nobody will know more of has lost the paid ones and is unsure of the others", () => {
    const pictures: Turn = { intentAt: 1, generation: 0, outputAt: 2 };
    expect(withoutTurns({ ...TWO_STEPS, turns: [pictures, open] }, 0)).toMatchObject({
      turns: [],
      lostTurns: 1,
      maybeCalls: 1,
      maybeBilled: true,
      paidTurns: 1,
    });
  });
});

describe("the cost book", () => {
  const book = new CostBook(redis, namespace);
  const entry = { day: "2026-11-21", lane: "a lane", costUsd: 0.1, lostUsd: 0.05, maybeUsd: 0 };

  it("holds a batch's sums of a day, however often and in whatever order they are noted", async () => {
    const other = { ...entry, lane: "b", costUsd: 2 };
    await book.note("batch-1", [{ ...entry, costUsd: 0.2 }, other]);
    await book.note("batch-1", [entry]);
    await book.note("batch-2", [{ ...entry, day: "2026-11-22" }]);
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
    await book.note("batch-3", [
      { ...entry, day: recent },
      { ...entry, day: old },
    ]);
    expect(await book.read([old])).toEqual([]);
    const leftMs = await redis.pttl(`${namespace}:costs:${recent}`);
    expect(leftMs / days).toBeGreaterThan(388);
    expect(leftMs / days).toBeLessThanOrEqual(390);
  });
});
