import { heldMicroUsd } from "./authorization.ts";
import { isPaid, moneyOf } from "./receipt-money.ts";
import { isWhole, presentCalls, type Receipt } from "./receipt.ts";
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
