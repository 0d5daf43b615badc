import { afterAll, describe, expect, it } from "vitest";
import {
  type Call,
  EMPTY_RECEIPT,
  type Receipt,
  withCall,
  withOutput,
  withUnclear,
  withoutAuthorization,
} from "@darkroom/core";
import { batchSpec, openLedger, outcome, WAIT } from "./open-ledger.ts";

const { ledger, close } = openLedger();
afterAll(close);

const call: Call = { step: 0, at: 1, generation: 0, priceMicroUsd: 100_000, status: "intended" };
const givenUp: Call = { ...call, status: "given-up" };
/** The intent of a portrait of one step, of 0.1 USD. */
const INTENT: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: 1, authorizedMicroUsd: 100_000, calls: [call] };
const UNCLEAR = withUnclear(INTENT, 0);

async function batchOf(rows: number, maxCostUsd: number): Promise<string> {
  const spec = batchSpec({ control: { maxCostUsd } });
  await ledger.create(spec, { breaker: false });
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows, rejected: [], end: {} });
  return spec.id;
}

async function dispatch(id: string, limit = 10): Promise<readonly number[]> {
  const window = await ledger.backlog.peekPending(id, limit);
  if (window !== undefined) await ledger.backlog.markQueued(id, window);
  return window?.indexes ?? [];
}

const token = (index: number): string => `w/${index}`;
const claim = async (id: string, index: number) => await ledger.claims.claim(id, index, token(index));
const authorize = async (id: string, index: number, receipt = INTENT, before: Receipt = EMPTY_RECEIPT) =>
  await ledger.money.authorize(id, index, token(index), { receipt, before });
const settle = async (id: string, index: number, costUsd: number) =>
  await ledger.claims.settle(id, index, token(index), outcome("ok", { billed: "yes", costUsd }));

/** The receipt has no known call, but Redis may have lost one that was paid. */
const FORGOTTEN: Receipt = { ...EMPTY_RECEIPT, calls: [givenUp] };

/** A batch in which this many portraits hold their amounts, and one more was refused. */
async function fullBatch(rows: number, called: number) {
  const id = await batchOf(rows, called * 0.1 + 0.05);
  await dispatch(id);
  for (let index = 0; index <= called; index += 1) await claim(id, index);
  for (let index = 0; index < called; index += 1) expect(await authorize(id, index)).toEqual({ kind: "authorized" });
  expect(await authorize(id, called)).toEqual({ kind: "refused", voids: false, stopped: false });
  expect(await ledger.money.leaveUnfunded(id, called, token(called), EMPTY_RECEIPT)).toBe("pending");
  return id;
}

describe("while a budget is full", () => {
  it("nothing starts, and called portraits continue", async () => {
    const id = await fullBatch(5, 2);
    expect(await ledger.read(id)).toMatchObject({ authorizedUsd: 0.2, budgetNeedsUsd: 0.1 });
    expect((await claim(id, 3)).kind).toBe("parked");
    await ledger.claims.leave(id, 0, token(0), { state: "retrying", wait: WAIT, receipt: UNCLEAR });
    expect(await claim(id, 0)).toMatchObject({ kind: "claimed", asksOnly: false });
    expect(await dispatch(id)).toEqual([]);
    expect(await ledger.control.pauseAtBudget(id)).toBe(false);
    // No receipt exists for a portrait without a call.
    expect((await ledger.receiptIndexes(id)).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });

  it("a pending portrait with an authorization is dispatched, and keeps it", async () => {
    const id = await fullBatch(4, 1);
    await ledger.claims.leave(id, 0, token(0), { state: "queued", wait: WAIT, receipt: withoutAnswer(INTENT) });
    expect(await ledger.backlog.park(id, 0)).toBe(true);
    expect(await ledger.read(id)).toMatchObject({ authorizedUsd: 0.1 });
    for (const index of [2, 3]) expect((await claim(id, index)).kind).toBe("parked");
    expect(await ledger.control.pauseAtBudget(id)).toBe(false);
    expect(await dispatch(id)).toEqual([0]);
    expect((await claim(id, 0)).kind).toBe("claimed");
  });

  it("a portrait that holds the price of a forgotten call does not start, and does not prevent the batch from pausing", async () => {
    const id = await batchOf(2, 0.25);
    await dispatch(id);
    await claim(id, 0);
    await claim(id, 1);
    await ledger.claims.leave(id, 0, token(0), { state: "retrying", wait: WAIT, receipt: FORGOTTEN });
    const again = { ...INTENT, authorizedMicroUsd: 200_000, calls: [givenUp, call] };
    expect(await authorize(id, 1, again, FORGOTTEN)).toMatchObject({ kind: "refused" });
    await ledger.money.leaveUnfunded(id, 1, token(1), FORGOTTEN);
    expect((await claim(id, 0)).kind).toBe("parked");
    expect(await dispatch(id)).toEqual([]);
    expect(await ledger.control.pauseAtBudget(id)).toBe(true);
    expect(await ledger.read(id)).toMatchObject({ authorizedUsd: 0.2, counts: { pending: 2 } });
  });

  it("a call that may have been paid needs its price again, and its portrait waits for that", async () => {
    const id = await fullBatch(2, 1);
    const again = { ...UNCLEAR, authorizedMicroUsd: 200_000, calls: [givenUp, call] };
    expect(await authorize(id, 0, again, UNCLEAR)).toMatchObject({ kind: "refused", voids: false });
    expect(await ledger.money.leaveUnfunded(id, 0, token(0), UNCLEAR)).toBe("pending");
    expect(await ledger.read(id)).toMatchObject({ authorizedUsd: 0.1, counts: { pending: 2 } });
    expect(await dispatch(id)).toEqual([]);
    expect(await ledger.control.pauseAtBudget(id)).toBe(true);
    expect((await ledger.read(id))?.reason).toBe(
      "the budget: 0.00 of 0.15 USD are spent, 0.10 are held for portraits that have begun, and to continue takes 0.05 USD more; resume with a higher one, or cancel",
    );
  });

  it("a portrait that ends below its authorization lets another one continue", async () => {
    const id = await fullBatch(3, 1);
    await settle(id, 0, 0.05);
    expect(await ledger.read(id)).toMatchObject({ authorizedUsd: 0, costUsd: 0.05, budgetNeedsUsd: undefined });
    expect((await claim(id, 2)).kind).toBe("claimed");
  });

  it("a portrait that uses its full authorization lets none continue, and the batch is paused", async () => {
    const id = await fullBatch(2, 1);
    await settle(id, 0, 0.1);
    expect(await dispatch(id)).toEqual([]);
    expect(await ledger.control.pauseAtBudget(id)).toBe(true);
    const record = await ledger.read(id);
    expect(record).toMatchObject({ state: "paused", pausedBy: "budget", revision: 1 });
    expect(record?.reason).toMatch(/^the budget: 0\.10 of 0\.15 USD are spent, and to continue takes 0\.05 USD more; /);
    await ledger.control.resume(id, 200_000);
    expect(await dispatch(id)).toEqual([1]);
    await claim(id, 1);
    expect(await authorize(id, 1)).toEqual({ kind: "authorized" });
  });

  it("a raised budget that is still too low reports the missing amount again", async () => {
    const id = await fullBatch(2, 1);
    await settle(id, 0, 0.1);
    await ledger.control.pauseAtBudget(id);
    await ledger.control.resume(id, 170_000);
    expect(await dispatch(id)).toEqual([]);
    expect(await ledger.control.pauseAtBudget(id)).toBe(true);
    expect((await ledger.read(id))?.reason).toContain("takes 0.03 USD more");
  });

  it("a portrait that needs less than others gets its turn when that much is free", async () => {
    const id = await batchOf(3, 0.05);
    await dispatch(id);
    const cheap = { ...INTENT, authorizedMicroUsd: 60_000, calls: [{ ...call, priceMicroUsd: 60_000 }] };
    for (const index of [0, 1, 2]) await claim(id, index);
    for (const [index, receipt] of [INTENT, cheap, INTENT].entries()) {
      expect(await authorize(id, index, receipt)).toMatchObject({ kind: "refused" });
      await ledger.money.leaveUnfunded(id, index, token(index), EMPTY_RECEIPT);
    }
    await ledger.control.resume(id, 60_000);
    expect(await dispatch(id, 1)).toEqual([0]);
    await claim(id, 0);
    expect(await authorize(id, 0)).toMatchObject({ kind: "refused" });
    await ledger.money.leaveUnfunded(id, 0, token(0), EMPTY_RECEIPT);
    expect(await dispatch(id)).toEqual([1]);
    expect((await claim(id, 1)).kind).toBe("claimed");
    expect(await authorize(id, 1, cheap)).toEqual({ kind: "authorized" });
  });
});

describe("the missing sum", () => {
  it("includes what was voided of the portrait after an earlier refusal", async () => {
    const id = await batchOf(2, 0.2);
    await dispatch(id);
    const two = { ...INTENT, steps: 2, authorizedMicroUsd: 200_000 };
    const unclear = withUnclear(two, 0);
    const again = { ...two, authorizedMicroUsd: 300_000, calls: [givenUp, call] };
    await claim(id, 0);
    await claim(id, 1);
    await authorize(id, 0, two);
    expect(await authorize(id, 0, again, unclear)).toMatchObject({ kind: "refused", voids: false });
    // The provider reports a call of the other portrait that Redis had forgotten.
    await ledger.claims.writeReceipt(id, 1, token(1), withOutput(INTENT, 0, { url: "https://cdn.test/a.png" }, 2));
    expect(await authorize(id, 0, again, unclear)).toMatchObject({ kind: "refused", voids: true });
    await ledger.money.leaveUnfunded(id, 0, token(0), withoutAuthorization(unclear));
    await settle(id, 1, 0.1);
    expect(await ledger.control.pauseAtBudget(id)).toBe(true);
    expect((await ledger.read(id))?.reason).toContain("takes 0.20 USD more");
    await ledger.control.resume(id, 400_000);
    expect(await dispatch(id)).toEqual([0]);
    await claim(id, 0);
    expect(await authorize(id, 0, again, withoutAuthorization(unclear))).toEqual({ kind: "authorized" });
  });

  it("is never that of a portrait that has ended: the others are tried again", async () => {
    const id = await batchOf(2, 0.15);
    await dispatch(id);
    const again = { ...INTENT, authorizedMicroUsd: 200_000, calls: [givenUp, call] };
    const dear = { ...INTENT, steps: 2, authorizedMicroUsd: 160_000 };
    await claim(id, 0);
    await claim(id, 1);
    await authorize(id, 0);
    expect(await authorize(id, 0, again, UNCLEAR)).toMatchObject({ kind: "refused" });
    expect(await authorize(id, 1, dear)).toMatchObject({ kind: "refused" });
    await ledger.money.leaveUnfunded(id, 1, token(1), EMPTY_RECEIPT);
    // The forgotten call's answer is found after all.
    await settle(id, 0, 0.1);
    expect(await ledger.control.pauseAtBudget(id)).toBe(false);
    expect(await dispatch(id)).toEqual([1]);
    await claim(id, 1);
    expect(await authorize(id, 1, dear)).toMatchObject({ kind: "refused" });
    await ledger.money.leaveUnfunded(id, 1, token(1), EMPTY_RECEIPT);
    expect(await ledger.control.pauseAtBudget(id)).toBe(true);
    expect((await ledger.read(id))?.reason).toContain("takes 0.11 USD more");
  });
});

describe("a refused portrait", () => {
  it("of a stopped batch learns that, and stays queued to be ended", async () => {
    const id = await batchOf(1, 0.1);
    await dispatch(id);
    await claim(id, 0);
    await authorize(id, 0);
    await ledger.control.stop(id, { reason: "its deadline", code: "deadline_passed", endsRunning: false });
    const again = { ...UNCLEAR, authorizedMicroUsd: 200_000, calls: [givenUp, call] };
    expect(await authorize(id, 0, again, UNCLEAR)).toEqual({ kind: "refused", voids: false, stopped: true });
    expect(await ledger.money.leaveUnfunded(id, 0, token(0), UNCLEAR)).toBe("queued");
    expect(await claim(id, 0)).toMatchObject({ kind: "claimed", cancelled: false });
  });

  it("whose claim was taken over writes nothing", async () => {
    const id = await batchOf(1, 0.1);
    await claim(id, 0);
    await ledger.claims.claim(id, 0, "v/0", { takeOver: token(0) });
    expect(await authorize(id, 0)).toEqual({ kind: "lost" });
    expect(await ledger.money.leaveUnfunded(id, 0, token(0), INTENT)).toBe("lost");
    expect(await ledger.receiptIndexes(id)).toEqual([]);
  });

  it("holds only what its calls may have cost if the budget was lowered below what is authorized", async () => {
    const id = await batchOf(2, 0.4);
    await dispatch(id);
    const two = { ...INTENT, steps: 2, authorizedMicroUsd: 200_000 };
    const paid = withOutput(two, 0, { url: "https://cdn.test/a.png" }, 2);
    for (const index of [0, 1]) {
      await claim(id, index);
      await authorize(id, index, two);
      await ledger.claims.writeReceipt(id, index, token(index), paid);
    }
    await ledger.control.resume(id, 250_000);
    const second = withCall(paid, { ...call, step: 1 });
    for (const index of [0, 1]) {
      expect(await authorize(id, index, second, paid)).toEqual({ kind: "refused", voids: true, stopped: false });
      await ledger.money.leaveUnfunded(id, index, token(index), withoutAuthorization(paid));
    }
    expect(await ledger.read(id)).toMatchObject({ authorizedUsd: 0.2, budgetNeedsUsd: 0.2 });
    await ledger.control.resume(id, 300_000);
    expect(await dispatch(id)).toEqual([0, 1]);
    for (const index of [0, 1]) await claim(id, index);
    expect(await authorize(id, 0, second, withoutAuthorization(paid))).toEqual({ kind: "authorized" });
    expect(await authorize(id, 1, second, withoutAuthorization(paid))).toMatchObject({ kind: "refused", voids: false });
  });
});

it("a portrait that is refused while others are dispatched is dispatched afterwards", async () => {
  const id = await batchOf(3, 0.15);
  await dispatch(id);
  for (const index of [0, 1, 2]) await claim(id, index);
  await authorize(id, 0);
  for (const index of [1, 2]) expect(await authorize(id, index)).toMatchObject({ kind: "refused" });
  await ledger.money.leaveUnfunded(id, 1, token(1), EMPTY_RECEIPT);
  await settle(id, 0, 0);
  const window = await ledger.backlog.peekPending(id, 10);
  if (window === undefined) throw new Error("nothing is pending");
  await ledger.money.leaveUnfunded(id, 2, token(2), EMPTY_RECEIPT);
  expect(await ledger.backlog.markQueued(id, window)).toBe(1);
  expect(await dispatch(id)).toEqual([2]);
});

it("a retry of a cancelled batch starts afresh, whatever was refused before", async () => {
  const id = await fullBatch(2, 1);
  await settle(id, 0, 0.1);
  expect(await ledger.control.pauseAtBudget(id)).toBe(true);
  await ledger.control.cancel(id, "its other mode is cheaper");
  expect(await ledger.endBatch(id, (await ledger.beginFinish(id)) ?? -1, "cancelled")).toBe(true);
  const { recipe } = batchSpec();
  expect(await ledger.control.beginRound(id, { at: 1, codes: ["over_budget"], recipe })).toMatchObject({ number: 1 });
  await ledger.control.endReopening(id, 1);
  expect(await dispatch(id)).toEqual([1]);
  await claim(id, 1);
  const cheap = { ...INTENT, authorizedMicroUsd: 50_000, calls: [{ ...call, priceMicroUsd: 50_000 }] };
  expect(await authorize(id, 1, cheap)).toEqual({ kind: "authorized" });
});

it("a call whose claim Redis has forgotten is held when it is reasserted, whatever the budget", async () => {
  const id = await batchOf(1, 0.05);
  const { fence = 0 } = (await ledger.read(id)) ?? {};
  expect(await ledger.claims.reclaim(id, 0, { token: token(0), fence }, INTENT)).toEqual({ kind: "held" });
  expect(await ledger.read(id)).toMatchObject({ authorizedUsd: 0.1 });
});

/** The state of a portrait whose call certainly cost nothing. */
function withoutAnswer(receipt: Receipt): Receipt {
  return withCall(receipt, { ...call, status: "unpaid" });
}
