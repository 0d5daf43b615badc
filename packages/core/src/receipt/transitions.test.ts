import { describe, expect, it, test } from "vitest";
import type { Billed } from "../report/outcome.ts";
import { attemptsOf } from "./attempts.ts";
import type { Call } from "./call.ts";
import { withGivenUp, withLostAnswer, withResend } from "./recall-transitions.ts";
import { billedWith, outcomeOf } from "./receipt-outcome.ts";
import { callOf, EMPTY_RECEIPT, presentCalls, type Receipt } from "./receipt.ts";
import { moneyOf } from "./receipt-money.ts";
import { intended, withEveryStepPaid, withFailedCall, withOutput, withoutCall, withRefusal } from "./transitions.ts";
import { withFailedAttempt } from "./trouble-transitions.ts";

const URL_SEEN = "https://cdn.test/a.jpg";
const ORDERED = {
  round: 0,
  remembers: true,
  fingerprint: "f",
  order: { identity: "ana", photo: { etag: "a", sizeBytes: 1 } },
  stepPricesUsd: [0.1],
};
const SENT = intended(EMPTY_RECEIPT, ORDERED, 0, 1);
const SHOWN = withOutput(SENT, 0, { url: URL_SEEN }, 2);

function spent(before: Receipt, billed: Billed) {
  const receipt = withRefusal(before, 0, billed);
  const told = outcomeOf(receipt, "corrupt_output", "", billedWith(receipt, billed));
  const { attempts, costUsd, lostUsd = 0, maybeUsd = 0 } = told;
  return { billed: told.billed, attempts, costUsd, lostUsd, maybeUsd };
}

describe("a refusal as the answer", () => {
  it.each([
    ["cost nothing: nothing", SENT, "no", { billed: "no", lostUsd: 0, maybeUsd: 0 }],
    ["was paid and is unusable: its price, lost", SENT, "yes", { billed: "yes", lostUsd: 0.1, maybeUsd: 0 }],
    ["was paid after a picture was seen: its price once", SHOWN, "yes", { billed: "yes", lostUsd: 0.1, maybeUsd: 0 }],
    ["may have been paid: at most its price", SENT, "maybe", { billed: "maybe", lostUsd: 0, maybeUsd: 0.1 }],
    ["came after a picture: at most its price", SHOWN, "maybe", { billed: "maybe", lostUsd: 0, maybeUsd: 0.1 }],
  ] as const)("that %s", (_, receipt, billed, expected) => {
    expect(spent(receipt, billed)).toEqual({ attempts: 1, costUsd: 0, ...expected });
  });
});

describe("a call after an earlier one of its step", () => {
  const failed = { begun: false, counts: "attempt", unpaid: false, unclear: false } as const;
  it.each<[string, Receipt, calls: readonly Partial<Call>[], maybe: number]>([
    ["that seems never to have arrived", SENT, [{ status: "intended" }], 0],
    [
      "that failed, and may never have arrived",
      withFailedCall(SENT, 0, failed),
      [{ status: "free", counts: "attempt" }, { status: "intended" }],
      0,
    ],
    [
      "that failed, and was begun",
      withResend(withFailedCall(SENT, 0, { ...failed, begun: true }), {
        ...callOf(SENT, 0)!,
        counts: "attempt",
        trace: "begun",
      }),
      [{ status: "given-up", counts: "attempt", priceMicroUsd: 100_000 }, { status: "intended" }],
      100_000,
    ],
  ])("%s keeps the cost and the count of that one", (_, before, calls, maybe) => {
    const again = intended(before, ORDERED, 0, 9);
    expect(again.calls).toEqual(calls.map((call) => expect.objectContaining(call) as Call));
    expect([moneyOf(again).maybe, again.firstIntentAt, presentCalls(again).length]).toEqual([maybe, 1, 1]);
    expect(withoutCall(again, before, 0)).toEqual({ ...before, round: 0 });
  });

  it("that was the first one leaves only an attempt if it did not arrive", () => {
    const before: Receipt = { ...EMPTY_RECEIPT, storageFailures: 1 };
    const left = withoutCall(intended(before, ORDERED, 0, 1), before, 0);
    expect(left).toEqual({ ...before, order: ORDERED.order });
    const counted = withFailedAttempt(left, 0, 2);
    expect([attemptsOf(counted), presentCalls(counted), counted.firstIntentAt]).toEqual([1, [], undefined]);
  });
});

test("limits a receipt to the calls that may be paid or may fail", () => {
  let receipt = EMPTY_RECEIPT;
  for (let nth = 1; nth <= 5; nth += 1) {
    // Sent repeatedly without a trace, then lost once more. The receipt keeps only calls that count.
    for (let free = 0; free < 9; free += 1) receipt = intended(receipt, ORDERED, 0, nth);
    receipt = withGivenUp(withLostAnswer(receipt, 0), 0);
  }
  expect([receipt.calls.length, attemptsOf(receipt), moneyOf(receipt).maybe]).toEqual([5, 5, 500_000]);
  expect(JSON.stringify(receipt).length).toBeLessThan(1_000);
});

describe("a result at its destination proves that each step was paid", () => {
  const prices = [0.1, 0.2];
  const two = { ...ORDERED, stepPricesUsd: prices };
  it.each<[string, Receipt, paid: number, lost: number]>([
    ["if Redis forgot every call", EMPTY_RECEIPT, 300_000, 0],
    [
      "if the last call looks unanswered",
      intended(withOutput(intended(EMPTY_RECEIPT, two, 0, 1), 0, { url: URL_SEEN }, 2), two, 1, 3),
      300_000,
      0,
    ],
    ["if an earlier call was paid and lost", withGivenUp(SHOWN, 0), 400_000, 100_000],
  ])("%s", (_, receipt, paid, lost) => {
    expect(moneyOf(withEveryStepPaid(receipt, prices, 4))).toEqual({ paid, lost, maybe: 0 });
  });
});
