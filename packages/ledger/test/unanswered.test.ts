import { afterAll, describe, expect, it } from "vitest";
import { EMPTY_RECEIPT, isUnanswered, type Receipt, type Turn } from "@darkroom/core";
import { batchSpec, openLedger, WAIT } from "./open-ledger.ts";

const { ledger, close } = openLedger();
afterAll(async () => await close());

const open: Turn = { intentAt: 1, generation: 0, microUsd: 50_000 };
const paid: Turn = { ...open, outputUrl: "https://cdn.example/1.png", outputAt: 2 };
const called: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: 2, callMicroUsd: 50_000, turns: [open] };

/** What a portrait has been through, and whether its answer may still be found. */
const ROWS: readonly (readonly [string, Receipt, boolean])[] = [
  ["never called", EMPTY_RECEIPT, false],
  ["a call without an answer", called, true],
  ["a call that failed", { ...called, attempts: 1, turns: [{ ...open, counted: "failed" }] }, true],
  ["a call that may have been paid", { ...called, maybeBilled: true, turns: [{ ...open, maybe: true }] }, true],
  ["a second step's call", { ...called, paidTurns: 1, turns: [paid, open] }, true],
  ["a first step that is paid", { ...called, paidTurns: 1, turns: [paid] }, false],
  ["asked for long enough", { ...called, turns: [{ ...open, resend: true }] }, false],
  ["surely not paid", { ...called, turns: [{ ...open, unpaid: true }] }, false],
  ["its pictures were in its worker", { ...called, paidTurns: 1, turns: [{ ...open, outputAt: 2 }] }, false],
  ["a provider that forgets", { ...called, forgets: true }, false],
  ["its turn was taken out", { ...called, turns: [] }, false],
];

describe.each(ROWS)("%s", (_, receipt, unanswered) => {
  it(`is ${unanswered ? "" : "not "}to be asked for`, () => {
    expect(isUnanswered(receipt)).toBe(unanswered);
  });

  it.each(["person", "budget"] as const)("and so says the claim while the batch is paused by a %s", async (by) => {
    const spec = batchSpec({ control: { maxCostUsd: 1 } });
    await ledger.create(spec);
    const fence = await ledger.beginIngest(spec.id);
    await ledger.countPart(spec.id, { fence, part: 0, rows: 1, rejected: [], end: {} });
    await ledger.claim(spec.id, 0, "w/1");
    await ledger.leave(spec.id, 0, "w/1", { state: "retrying", wait: WAIT, receipt });
    await ledger.control.pause(spec.id, "", { by });
    const claim = await ledger.claim(spec.id, 0, "w/2");
    if (unanswered) expect(claim).toMatchObject({ kind: "claimed", asksOnly: true });
    else expect(claim).toEqual({ kind: "parked" });
    // A claim whose answer was lost with its connection says the same again.
    if (unanswered) expect(await ledger.claim(spec.id, 0, "w/2")).toMatchObject({ kind: "claimed", asksOnly: true });
    expect(await ledger.recount(spec.id, false)).toEqual([]);
  });
});
