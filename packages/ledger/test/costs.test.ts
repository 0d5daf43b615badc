import { afterAll, describe, expect, it } from "vitest";
import {
  EMPTY_RECEIPT,
  type Receipt,
  type Turn,
  moneyOf,
  utcDay,
  withForgotten,
  withMaybe,
  withPaid,
  withoutMaybe,
  withoutTurns,
} from "@darkroom/core";
import { affordable, CostBook } from "../src/index.ts";
import { batchSpec, openLedger, outcome, WAIT } from "./open-ledger.ts";

const { ledger, redis, namespace, close } = openLedger();
afterAll(async () => await close());

async function batchOf(rows: number, maxCostUsd?: number, pilot?: number): Promise<string> {
  const control = { ...(maxCostUsd === undefined ? {} : { maxCostUsd }), ...(pilot === undefined ? {} : { pilot }) };
  const spec = batchSpec({ control });
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
  paidMicroUsd: 50_000,
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
    const unclear = withMaybe({ ...called, turns: [{ intentAt, generation: 0, resend: true }] }, 0);
    const [first, second] = [await start(id, 0), await start(id, 1)];
    await ledger.leave(id, 0, first, {
      state: "retrying",
      wait: WAIT,
      receipt: { ...unclear, paidTurns: 1, paidMicroUsd: 100_000 },
    });
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
    await ledger.leave(id, 0, token, {
      state: "retrying",
      wait: WAIT,
      receipt: { ...called, turns: [{ intentAt: 1, generation: 0 }] },
    });
    expect((await ledger.claim(id, 0, "w/looks")).kind).toBe("claimed");
    const turn = { intentAt: 1, generation: 0, outputUrl: "https://cdn.test/a.png", outputAt: 2 };
    await ledger.leave(id, 0, "w/looks", {
      state: "retrying",
      wait: WAIT,
      receipt: { ...called, paidTurns: 3, paidMicroUsd: 300_000, turns: [turn] },
    });
    expect((await ledger.claim(id, 0, "w/fetches")).kind).toBe("claimed");
  });

  it("counts an unclear last step beside the earlier steps' pictures, and leaves the last one's to be fetched", async () => {
    const id = await batchOf(1, 0.15);
    const linked = (microUsd: number): Turn => ({ ...paid, microUsd });
    const two = {
      ...EMPTY_RECEIPT,
      firstIntentAt: 1,
      steps: 2,
      paidTurns: 1,
      paidMicroUsd: 20_000,
      callMicroUsd: 80_000,
    };
    const again = { ...open, microUsd: 80_000, resend: true };
    const unclear = withMaybe({ ...two, turns: [linked(20_000), again] }, 1);
    await ledger.leave(id, 0, await start(id, 0), { state: "retrying", wait: WAIT, receipt: unclear });
    // 0.1 is set aside for both steps, and 0.08 more may be gone.
    expect((await ledger.claim(id, 0, "w/again")).kind).toBe("parked");
    expect(await ledger.read(id)).toMatchObject({ state: "paused", pausedBy: "budget" });
    await ledger.control.resume(id, 180_000);
    expect((await ledger.claim(id, 0, "w/raised")).kind).toBe("claimed");
    const twice = { maybeCalls: 2, maybeMicroUsd: 160_000, paidTurns: 2, paidMicroUsd: 100_000 };
    const done = { ...unclear, ...twice, turns: [linked(20_000), linked(80_000)] };
    await ledger.leave(id, 0, "w/raised", { state: "retrying", wait: WAIT, receipt: done });
    expect((await ledger.claim(id, 0, "w/fetches")).kind).toBe("claimed");
  });

  it("counts what the calls of all portraits that have not ended may have cost, whoever asks", async () => {
    const id = await batchOf(4, 0.45);
    const held = async (): Promise<number> => (await ledger.read(id))?.heldUsd ?? NaN;
    const sent: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1, callMicroUsd: 100_000, turns: [open], forgets: true };
    const tokens = [await start(id, 0), await start(id, 1), await start(id, 2), await start(id, 3)];
    for (const [index, token] of tokens.entries()) await ledger.writeReceipt(id, index, token, sent);
    // Each has its call under way, and that is what is set aside for it.
    expect(await held()).toBe(0);
    // Their worker dies: each call may be paid, and another one would be needed.
    for (const [index, token] of tokens.entries()) {
      expect(await ledger.claim(id, index, `v/${index}`, { takeOver: token })).toEqual({ kind: "parked" });
      expect(await held()).toBeCloseTo(0.1 * (index + 1), 6);
    }
    expect((await ledger.readForDispatch(id))?.affordable).toBe(0);
    expect(await ledger.read(id)).toMatchObject({ counts: { pending: 4, running: 0 }, state: "paused" });
    await ledger.control.resume(id, 560_000);
    expect((await ledger.readForDispatch(id))?.affordable).toBe(1);
    expect((await ledger.claim(id, 0, "v/0b")).kind).toBe("claimed");
    expect(await held()).toBeCloseTo(0.3, 6);
    await ledger.writeReceipt(id, 0, "v/0b", { ...withoutTurns(sent, 0), turns: [open] });
    expect(await held()).toBeCloseTo(0.4, 6);
    expect((await ledger.claim(id, 1, "v/1b")).kind).toBe("parked");
    await ledger.settle(id, 0, "v/0b", outcome("ok", { billed: "maybe", costUsd: 0.1, maybeUsd: 0.1 }));
    expect(await held()).toBeCloseTo(0.3, 6);
    await ledger.control.stop(id, "enough", "cancelled", true);
    for (const index of [1, 2, 3]) {
      expect((await ledger.claim(id, index, `u/${index}`)).kind).toBe("claimed");
      await ledger.settle(id, index, `u/${index}`, outcome("cancelled_in_flight", { billed: "maybe", maybeUsd: 0.1 }));
    }
    expect(await held()).toBe(0);
  });

  it("counts what the calls of every other portrait may have cost, in flight or back in the row", async () => {
    const id = await batchOf(3, 0.3);
    const [first, second, third] = [await start(id, 0), await start(id, 1), await start(id, 2)];
    const called = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: 1, callMicroUsd: 100_000, attempts: 1 };
    const unclear = withMaybe({ ...called, turns: [{ ...open, microUsd: 100_000, resend: true }] }, 0);
    await ledger.leave(id, 0, first, { state: "retrying", wait: WAIT, receipt: unclear });
    expect((await ledger.claim(id, 0, "w/again")).kind).toBe("parked");
    await ledger.settle(id, 1, second, outcome("ok", { billed: "yes", costUsd: 0.1 }));
    // 0.1 is spent and two calls of 0.1 may have been paid: nothing is left for a third one.
    await ledger.leave(id, 2, third, { state: "retrying", wait: WAIT, receipt: unclear });
    expect((await ledger.claim(id, 2, "w/2")).kind).toBe("parked");
    expect(await ledger.read(id)).toMatchObject({ state: "paused", pausedBy: "budget", counts: { pending: 2 } });
    await ledger.control.resume(id, 400_000);
    expect((await ledger.claim(id, 2, "w/raised")).kind).toBe("claimed");
    expect((await ledger.claim(id, 0, "w/too")).kind).toBe("parked");
    await ledger.settle(id, 2, "w/raised", outcome("ok", { billed: "maybe", costUsd: 0.1, maybeUsd: 0.1 }));
    expect((await ledger.claim(id, 0, "w/last")).kind).toBe("parked");
    await ledger.control.resume(id, 500_000);
    expect((await ledger.claim(id, 0, "w/last")).kind).toBe("claimed");
  });

  it("counts the steps that were paid of a portrait that lost its job", async () => {
    const id = await batchOf(3, 0.3);
    const [first, second, third] = [await start(id, 0), await start(id, 1), await start(id, 2)];
    const half = { ...TWO_STEPS, steps: 2, paidMicroUsd: 60_000, turns: [{ ...paid, microUsd: 60_000 }] };
    await ledger.writeReceipt(id, 0, first, half);
    await ledger.requeueLost(id, new Map([[0, first]]));
    await ledger.settle(id, 1, second, outcome("ok", { billed: "yes", costUsd: 0.15 }));
    await ledger.leave(id, 2, third, { state: "queued", wait: WAIT, receipt: EMPTY_RECEIPT });
    expect((await ledger.claim(id, 2, "w/2")).kind).toBe("parked");
    // What it still needs is there: it goes on first, and nobody has to raise the budget for it.
    expect(await ledger.read(id)).toMatchObject({ state: "running", counts: { pending: 2 } });
    await ledger.control.pause(id, "lunch");
    await ledger.control.resume(id, 310_000);
    expect((await ledger.claim(id, 2, "w/2")).kind).toBe("claimed");
  });

  it.each([
    ["", undefined, [1, 2]],
    [" of a pilot", 3, [1]],
  ])(
    "goes first to portraits in the row%s whose first steps are paid, and not to one that would leave them too little",
    async (_, pilot, others) => {
      const id = await batchOf(4, 1, pilot);
      await ledger.control.choosePilot(id, [0, 1, 3]);
      const [done, fresh, half] = [await start(id, 0), await start(id, 1), await start(id, 3)];
      await ledger.settle(id, 0, done, outcome("ok", { billed: "yes", costUsd: 0.1 }));
      await ledger.control.pause(id, "lunch");
      const receipt = { ...TWO_STEPS, steps: 2, paidMicroUsd: 50_000, turns: [{ ...paid, microUsd: 50_000 }] };
      await ledger.leave(id, 1, fresh, { state: "queued", wait: WAIT, receipt: EMPTY_RECEIPT });
      await ledger.leave(id, 3, half, { state: "queued", wait: WAIT, receipt });
      for (const index of [1, 2, 3]) expect((await ledger.claim(id, index, `v/${index}`)).kind).toBe("parked");
      await ledger.control.resume(id, 240_000);
      // The budget pays for one portrait, and beside the 0.05 of the half-paid one for no other.
      expect((await ledger.readForDispatch(id))?.affordable).toBe(1);
      expect((await ledger.claim(id, 1, "w/old-job")).kind).toBe("parked");
      const window = await ledger.peekPending(id, 1);
      expect(window?.indexes).toEqual([3]);
      if (window !== undefined) await ledger.markQueued(id, window);
      expect((await ledger.claim(id, 3, "w/3")).kind).toBe("claimed");
      expect(await ledger.read(id)).toMatchObject({ state: "running", counts: { pending: 2, running: 1 } });
      expect((await ledger.peekPending(id, 4))?.indexes).toEqual(others);
    },
  );

  it("that is lowered below what half-paid portraits need pauses the batch, and says what is missing", async () => {
    const id = await batchOf(4, 0.4);
    const tokens = [await start(id, 0), await start(id, 1), await start(id, 2), await start(id, 3)];
    await ledger.control.pause(id, "lunch");
    const receipt = { ...TWO_STEPS, steps: 2, paidMicroUsd: 50_000, turns: [{ ...paid, microUsd: 50_000 }] };
    for (const [index, token] of tokens.entries()) {
      await ledger.leave(id, index, token, { state: "queued", wait: WAIT, receipt });
      expect((await ledger.claim(id, index, `v/${index}`)).kind).toBe("parked");
    }
    await ledger.control.resume(id, 240_000);
    // 0.20 are paid, and one more step of 0.05 would be 0.25.
    expect(await ledger.peekPending(id, 4)).toBeUndefined();
    expect(await ledger.read(id)).toMatchObject({
      state: "paused",
      pausedBy: "budget",
      reason: expect.stringMatching(/^the budget: 0\.2000 of 0\.2400 USD .* takes 0\.0100 USD more; /),
    });
    await ledger.control.resume(id, 250_000);
    const window = await ledger.peekPending(id, 4);
    expect(window?.indexes).toHaveLength(1);
    if (window !== undefined) await ledger.markQueued(id, window);
    const [next = 0] = window?.indexes ?? [];
    expect((await ledger.claim(id, next, "w/next")).kind).toBe("claimed");
    expect(await ledger.peekPending(id, 4)).toBeUndefined();
    expect(await ledger.read(id)).toMatchObject({ state: "running" });
  });

  it("is the one that was told last, whether the batch was paused or runs", async () => {
    const id = await batchOf(9, 5);
    expect(await ledger.control.resume(id, 200_000)).toEqual({ kind: "done", state: "running", overBudget: false });
    expect(await ledger.read(id)).toMatchObject({ maxCostUsd: 0.2, revision: 1 });
    expect((await ledger.readForDispatch(id))?.affordable).toBe(2);
    await ledger.control.resume(id, 200_000);
    await ledger.control.resume(id);
    expect(await ledger.read(id)).toMatchObject({ maxCostUsd: 0.2, revision: 1 });
  });

  it("holds after a deadline too: what would have to be called again past it is ended", async () => {
    const id = await batchOf(2, 0.2);
    const called = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: 1, callMicroUsd: 100_000, attempts: 1 };
    const unclear = withMaybe({ ...called, turns: [{ ...open, microUsd: 100_000, resend: true }] }, 0);
    const [again, linked] = [await start(id, 0), await start(id, 1)];
    await ledger.leave(id, 0, again, { state: "retrying", wait: WAIT, receipt: unclear });
    await ledger.leave(id, 1, linked, {
      state: "retrying",
      wait: WAIT,
      receipt: { ...called, paidTurns: 1, paidMicroUsd: 100_000, turns: [paid] },
    });
    await ledger.control.stop(id, "its deadline", "deadline_passed", false);
    expect(await ledger.claim(id, 0, "w/again")).toMatchObject({ kind: "claimed", cancelled: true });
    expect(await ledger.claim(id, 1, "w/linked")).toMatchObject({ kind: "claimed", cancelled: false });
  });

  it.each([
    ["of a batch that runs lets go on", false],
    ["of a paused batch calls nobody for", true],
  ])("aside, a deadline %s what was called and waits", async (_, isPaused) => {
    const id = await batchOf(2);
    const called = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: 1, attempts: 1 };
    const [again, linked] = [await start(id, 0), await start(id, 1)];
    await ledger.leave(id, 0, again, { state: "retrying", wait: WAIT, receipt: { ...called, turns: [open] } });
    await ledger.leave(id, 1, linked, {
      state: "retrying",
      wait: WAIT,
      receipt: { ...called, paidTurns: 1, paidMicroUsd: 100_000, turns: [paid] },
    });
    if (isPaused) await ledger.control.pause(id, "wrong prompt");
    await ledger.control.stop(id, "its deadline", "deadline_passed", false);
    expect(await ledger.claim(id, 0, "w/again")).toMatchObject({ kind: "claimed", cancelled: isPaused });
    // A paid picture is fetched all the same.
    expect(await ledger.claim(id, 1, "w/linked")).toMatchObject({ kind: "claimed", cancelled: false });
  });

  it("of nothing set aside ends with the money", () => {
    const spending = {
      maxCostUsd: 1,
      reserveUsd: 0,
      costUsd: 0.5,
      lostUsd: 0.2,
      maybeUsd: 0.2,
      maybeBilled: 9,
      heldUsd: 0,
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
    expect(withoutMaybe(once, 0)).toEqual({ ...EMPTY_RECEIPT, maybeCalls: 0, maybeMicroUsd: 0, turns: [open] });
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

  it("keeps the price of each call: of those that were lost, and of the one that is unclear", () => {
    const pictures: Turn = { intentAt: 1, generation: 0, outputAt: 2 };
    const [first, second, third] = [100_000, 110_000, 300_000];
    const sent = [
      { ...pictures, microUsd: first },
      { ...pictures, microUsd: second },
      { ...open, microUsd: third },
    ];
    const sums = { paidTurns: 2, paidMicroUsd: first + second };
    const receipt: Receipt = { ...EMPTY_RECEIPT, ...sums, callMicroUsd: third, turns: sent };
    expect(moneyOf(withoutTurns(receipt, 0))).toEqual({ paid: first + second, lost: first + second, maybe: third });
    expect(moneyOf(withoutTurns(receipt, 1))).toEqual({ paid: first + second, lost: second, maybe: third });
    expect(moneyOf(withMaybe(receipt, 2))).toEqual({ paid: first + second, lost: 0, maybe: third });
    expect(moneyOf(withoutMaybe(withMaybe(receipt, 2), 2)).maybe).toBe(0);
    expect(moneyOf(withPaid(receipt, sent[2])).paid).toBe(first + second + third);
    const { callMicroUsd: _, ...unpriced } = receipt;
    expect(moneyOf(withPaid(unpriced, open)).paid).toBeNull();
  });

  it("whose calls may have been forgotten counts all of them, once", () => {
    const unsure = withForgotten(EMPTY_RECEIPT, [100_000, 300_000]);
    expect(unsure).toMatchObject({ maybeBilled: true, maybeCalls: 2, maybeMicroUsd: 400_000 });
    expect(withForgotten(unsure, [300_000])).toBe(unsure);
    expect(moneyOf(withForgotten(EMPTY_RECEIPT, [100_000, undefined])).maybe).toBeNull();
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
