import { heldMicroUsd } from "./authorization.ts";
import { moneyOf } from "./receipt-money.ts";
import type { Receipt } from "./receipt.ts";
import { isUnanswered } from "./unanswered.ts";

/** What the ledger's scripts need to know of a receipt. The ledger stores it with the receipt, in the same write. */
export interface ReceiptSummary {
  /** A provider was called. A receipt is also kept of a wait at the gate, or of a fault of the store. */
  readonly called: boolean;
  /** Every step has its picture. */
  readonly whole: boolean;
  /** A call was surely paid. */
  readonly paid: boolean;
  /** The last call's answer may still be found; see {@link isUnanswered}. */
  readonly unanswered: boolean;
  /** The lane whose provider was called; "" for the batch's own. */
  readonly lane: string;
  /** When the first and the last call were intended (epoch ms); 0 where none was. */
  readonly firstIntentAt: number;
  readonly lastIntentAt: number;
  /** What the calls cost that were surely paid (micro-USD). */
  readonly paidMicroUsd: number;
  /** What a budget holds for the portrait; see {@link heldMicroUsd}. */
  readonly heldMicroUsd: number;
}

export function summaryOf(receipt: Receipt): ReceiptSummary {
  const { turns, steps = 1, firstIntentAt = 0 } = receipt;
  return {
    called: receipt.firstIntentAt !== undefined,
    whole: turns.length >= steps && turns.at(-1)?.outputUrl !== undefined,
    paid: receipt.paidTurns > 0,
    unanswered: isUnanswered(receipt),
    lane: receipt.lane ?? "",
    firstIntentAt,
    lastIntentAt: Math.max(firstIntentAt, ...turns.map(({ intentAt }) => intentAt)),
    paidMicroUsd: moneyOf(receipt).paid ?? 0,
    heldMicroUsd: heldMicroUsd(receipt),
  };
}
