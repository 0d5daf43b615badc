import { afterAll, describe, expect, it } from "vitest";
import { type Call, EMPTY_RECEIPT, isUnanswered, type Receipt } from "@darkroom/core";
import { batchSpec, openLedger, WAIT } from "./open-ledger.ts";

const { ledger, close } = openLedger();
afterAll(async () => await close());

const open: Call = { step: 0, at: 1, generation: 0, priceMicroUsd: 50_000, status: "intended" };
const paid: Call = { ...open, status: "answered", outputs: { urls: ["https://cdn.example/1.png"], at: 2 } };
const called: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: 2, calls: [open] };

/** A portrait's history, and whether its answer may still be found. */
const ROWS: readonly (readonly [string, Receipt, boolean])[] = [
  ["never called", EMPTY_RECEIPT, false],
  ["a call without an answer", called, true],
  ["a call that failed", { ...called, calls: [{ ...open, counts: "attempt" }] }, true],
  ["a call that may have been paid", { ...called, calls: [{ ...open, status: "unclear" }] }, true],
  ["a second step's call", { ...called, calls: [paid, { ...open, step: 1 }] }, true],
  ["a first step that is paid", { ...called, calls: [paid] }, false],
  ["asked for long enough", { ...called, calls: [{ ...open, resend: true }] }, false],
  ["surely not paid", { ...called, calls: [{ ...open, status: "unpaid" }] }, false],
  [
    "its pictures were in its worker",
    { ...called, calls: [{ ...open, status: "answered", outputs: { urls: [], at: 2 } }] },
    false,
  ],
  ["a provider that forgets", { ...called, forgets: true }, false],
  ["its call was given up", { ...called, calls: [{ ...open, status: "given-up" }] }, false],
];

describe.each(ROWS)("%s", (_, receipt, unanswered) => {
  it(`is ${unanswered ? "" : "not "}recalled`, () => {
    expect(isUnanswered(receipt)).toBe(unanswered);
  });

  it.each(["person", "budget"] as const)("and the claim agrees while the batch is paused by a %s", async (by) => {
    const spec = batchSpec({ control: { maxCostUsd: 1 } });
    await ledger.create(spec);
    const fence = await ledger.beginIngest(spec.id);
    await ledger.countPart(spec.id, { fence, part: 0, rows: 1, rejected: [], end: {} });
    await ledger.claims.claim(spec.id, 0, "w/1");
    await ledger.claims.leave(spec.id, 0, "w/1", { state: "retrying", wait: WAIT, receipt });
    await ledger.control.pause(spec.id, "", { by });
    const claim = await ledger.claims.claim(spec.id, 0, "w/2");
    if (unanswered) expect(claim).toMatchObject({ kind: "claimed", asksOnly: true });
    else expect(claim).toEqual({ kind: "parked" });
    // A repeated claim whose reply was lost with its connection returns the same result.
    if (unanswered)
      expect(await ledger.claims.claim(spec.id, 0, "w/2")).toMatchObject({ kind: "claimed", asksOnly: true });
    expect(await ledger.recount(spec.id, false)).toEqual([]);
  });
});
