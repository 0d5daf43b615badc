import { heldMicroUsd } from "./authorization.ts";
import { isPaid, moneyOf } from "./receipt-money.ts";
import { isWhole, presentCalls, type Receipt } from "./receipt.ts";
import { isUnanswered } from "./unanswered.ts";

/** The parts of a receipt that the ledger's scripts need. Stored in the same write as the receipt. */
export interface ReceiptSummary {
  /** A provider was called. Receipts also exist for a wait at the gate, or a store failure. */
  readonly called: boolean;
  /** Every step has its picture. */
  readonly whole: boolean;
  /** A call was certainly paid. */
  readonly paid: boolean;
  /** The last call's answer may still be found; see {@link isUnanswered}. */
  readonly unanswered: boolean;
  /** The lane whose provider was called; "" for the batch's own. */
  readonly lane: string;
  /** Times of the first and last intent (epoch ms); 0 for none. */
  readonly firstIntentAt: number;
  readonly lastIntentAt: number;
  /** Cost of the certainly paid calls (micro-USD). */
  readonly paidMicroUsd: number;
  /** The amount that a budget holds for the portrait; see {@link heldMicroUsd}. */
  readonly heldMicroUsd: number;
}

export function summaryOf(receipt: Receipt): ReceiptSummary {
  const { firstIntentAt = 0 } = receipt;
  return {
    called: receipt.firstIntentAt !== undefined,
    whole: isWhole(receipt),
    paid: isPaid(receipt),
    unanswered: isUnanswered(receipt),
    lane: receipt.lane ?? "",
    firstIntentAt,
    lastIntentAt: Math.max(firstIntentAt, ...presentCalls(receipt).map(({ at }) => at)),
    paidMicroUsd: moneyOf(receipt).paid ?? 0,
    heldMicroUsd: heldMicroUsd(receipt),
  };
}
