import { expect, it } from "vitest";
import { EMPTY_RECEIPT, withMaybe, withoutTurns, type Receipt, type Turn } from "./receipt.ts";
import { summaryOf, type ReceiptSummary } from "./summary.ts";

const NOTHING = summaryOf(EMPTY_RECEIPT);
const OPEN: Turn = { intentAt: 1_000, generation: 0 };
const SHOWN: Turn = { intentAt: 900, generation: 0, outputUrl: "https://cdn.test/a.png", outputAt: 950 };
const CALLED: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 900, steps: 2, callMicroUsd: 50 };
const SENT = { called: true, unanswered: true, firstIntentAt: 900, lastIntentAt: 1_000, heldMicroUsd: 50 };
const SEEN = { ...SENT, unanswered: false, lastIntentAt: 900 };
const HALF: Receipt = { ...CALLED, paidTurns: 1, paidMicroUsd: 50, turns: [SHOWN, OPEN] };

it.each<[string, Receipt, Partial<ReceiptSummary>]>([
  ["that is empty", EMPTY_RECEIPT, {}],
  ["of a wait at the gate", { ...EMPTY_RECEIPT, storageFailures: 1 }, {}],
  ["of a call", { ...CALLED, turns: [OPEN] }, SENT],
  [
    "of a call that was authorized",
    { ...CALLED, authorizedMicroUsd: 100, turns: [OPEN] },
    { ...SENT, heldMicroUsd: 100 },
  ],
  ["of a fallback's call", { ...CALLED, lane: "phota", turns: [OPEN] }, { ...SENT, lane: "phota" }],
  ["of a call to a provider that forgets", { ...CALLED, forgets: true, turns: [OPEN] }, { ...SENT, unanswered: false }],
  ["of a paid step and a call", HALF, { ...SENT, paid: true, paidMicroUsd: 50, heldMicroUsd: 100 }],
  ["of a call that may have been paid", withMaybe({ ...CALLED, turns: [OPEN] }, 0), SENT],
  ["whose pictures are lost", withoutTurns(HALF, 0), { ...SEEN, paid: true, paidMicroUsd: 50, heldMicroUsd: 100 }],
  [
    "of every step's picture",
    { ...CALLED, paidTurns: 2, paidMicroUsd: 70, turns: [{ ...SHOWN, microUsd: 20 }, SHOWN] },
    { ...SEEN, whole: true, paid: true, paidMicroUsd: 70, heldMicroUsd: 70 },
  ],
  [
    "of every step, the last without a link",
    { ...CALLED, paidTurns: 2, paidMicroUsd: 100, turns: [SHOWN, { ...OPEN, outputAt: 1_100 }] },
    { ...SENT, unanswered: false, paid: true, paidMicroUsd: 100, heldMicroUsd: 100 },
  ],
])("a receipt %s is summed up", (_, receipt, summary) => {
  expect(summaryOf(receipt)).toEqual({ ...NOTHING, ...summary });
});
