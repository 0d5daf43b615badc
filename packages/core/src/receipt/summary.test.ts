import { expect, it } from "vitest";
import type { Call } from "./call.ts";
import { withGivenUp, withUnclear } from "./recall-transitions.ts";
import { EMPTY_RECEIPT, type Receipt } from "./receipt.ts";
import { summaryOf, type ReceiptSummary } from "./summary.ts";

const NOTHING = summaryOf(EMPTY_RECEIPT);
const OPEN: Call = { step: 0, at: 1_000, generation: 0, priceMicroUsd: 50, status: "intended" };
const SHOWN: Call = { ...OPEN, at: 900, status: "answered", outputs: { urls: ["https://cdn.test/a.png"], at: 950 } };
const NEXT: Call = { ...OPEN, step: 1 };
const CALLED: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 900, steps: 2 };
const SENT = { called: true, unanswered: true, firstIntentAt: 900, lastIntentAt: 1_000, heldMicroUsd: 50 };
const SEEN = { ...SENT, unanswered: false, lastIntentAt: 900 };
const HALF: Receipt = { ...CALLED, calls: [SHOWN, NEXT] };

it.each<[string, Receipt, Partial<ReceiptSummary>]>([
  ["that is empty", EMPTY_RECEIPT, {}],
  ["of a wait at the gate", { ...EMPTY_RECEIPT, storageFailures: 1 }, {}],
  ["of a call", { ...CALLED, calls: [OPEN] }, SENT],
  [
    "of a call that was authorized",
    { ...CALLED, authorizedMicroUsd: 100, calls: [OPEN] },
    { ...SENT, heldMicroUsd: 100 },
  ],
  ["of a fallback's call", { ...CALLED, lane: "phota", calls: [OPEN] }, { ...SENT, lane: "phota" }],
  ["of a call to a provider that forgets", { ...CALLED, forgets: true, calls: [OPEN] }, { ...SENT, unanswered: false }],
  ["of a paid step and a call", HALF, { ...SENT, paid: true, paidMicroUsd: 50, heldMicroUsd: 100 }],
  ["of a call that may have been paid", withUnclear({ ...CALLED, calls: [OPEN] }, 0), SENT],
  ["whose pictures are lost", withGivenUp(HALF, 0), { ...SEEN, paid: true, paidMicroUsd: 50, heldMicroUsd: 100 }],
  [
    "of every step's picture",
    {
      ...CALLED,
      calls: [
        { ...SHOWN, priceMicroUsd: 20 },
        { ...SHOWN, step: 1 },
      ],
    },
    { ...SEEN, whole: true, paid: true, paidMicroUsd: 70, heldMicroUsd: 70 },
  ],
  [
    "of every step, the last without a link",
    { ...CALLED, calls: [SHOWN, { ...NEXT, status: "answered", outputs: { urls: [], at: 1_100 } }] },
    { ...SENT, unanswered: false, paid: true, paidMicroUsd: 100, heldMicroUsd: 100 },
  ],
])("summarizes a receipt %s", (_, receipt, summary) => {
  expect(summaryOf(receipt)).toEqual({ ...NOTHING, ...summary });
});
