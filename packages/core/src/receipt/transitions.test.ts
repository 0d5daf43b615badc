import { describe, expect, it } from "vitest";
import type { Billed } from "../report/outcome.ts";
import { billedWith, outcomeOf } from "./receipt-outcome.ts";
import { EMPTY_RECEIPT, type Receipt, type Turn } from "./receipt.ts";
import { refusedTurn } from "./transitions.ts";

const TURN: Turn = { intentAt: 1, generation: 0, microUsd: 100_000 };
const SENT: Receipt = { ...EMPTY_RECEIPT, turns: [TURN] };
const SHOWN: Receipt = {
  ...EMPTY_RECEIPT,
  paidTurns: 1,
  paidMicroUsd: 100_000,
  turns: [{ ...TURN, outputUrl: "https://cdn.test/a.jpg", outputAt: 2 }],
};

function spent(before: Receipt, billed: Billed) {
  const receipt = refusedTurn(before, 0, billed);
  const told = outcomeOf(receipt, "corrupt_output", "", billedWith(receipt, billed));
  const { costUsd, lostUsd = 0, maybeUsd = 0 } = told;
  return { billed: told.billed, costUsd, lostUsd, maybeUsd };
}

describe("an answer that is a refusal", () => {
  it.each([
    ["cost nothing: nothing", SENT, "no", { billed: "no", lostUsd: 0, maybeUsd: 0 }],
    ["was paid and is of no use: its price, lost", SENT, "yes", { billed: "yes", lostUsd: 0.1, maybeUsd: 0 }],
    ["was paid and had shown its picture: its price once", SHOWN, "yes", { billed: "yes", lostUsd: 0.1, maybeUsd: 0 }],
    ["may have been paid: at most its price", SENT, "maybe", { billed: "maybe", lostUsd: 0, maybeUsd: 0.1 }],
    ["came after a picture: at most its price", SHOWN, "maybe", { billed: "maybe", lostUsd: 0, maybeUsd: 0.1 }],
  ] as const)("that %s", (_, receipt, billed, expected) => {
    expect(spent(receipt, billed)).toEqual({ costUsd: 0, ...expected });
  });
});
