import { moneyOf, priceOf } from "./receipt-money.ts";
import { isOpenTurn, type Receipt } from "./receipt.ts";
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
  /** What calls may have cost beside the steps to whose pictures there are links, and the open calls below. */
  readonly besideMicroUsd: number;
  /** What open calls may cost, at a provider that cannot be asked. */
  readonly openMicroUsd: number;
  /** What the steps cost to whose pictures there are links. */
  readonly linkedMicroUsd: number;
}

export function summaryOf(receipt: Receipt): ReceiptSummary {
  const { turns, steps = 1, firstIntentAt, maybeBilled, forgets = false } = receipt;
  const called = firstIntentAt !== undefined;
  const { paid, maybe } = moneyOf(receipt);
  const sumOf = (some: typeof turns): number => some.reduce((sum, turn) => sum + (priceOf(receipt, turn) ?? 0), 0);
  const counts = called || maybeBilled;
  const linked = counts ? sumOf(turns.filter(({ outputUrl }) => outputUrl !== undefined)) : 0;
  const open = turns.filter((turn) => isOpenTurn(turn) && turn.maybe !== true && turn.unpaid !== true);
  return {
    called,
    whole: turns.length >= steps && turns.at(-1)?.outputUrl !== undefined,
    paid: receipt.paidTurns > 0,
    unanswered: isUnanswered(receipt),
    lane: receipt.lane ?? "",
    firstIntentAt: firstIntentAt ?? 0,
    lastIntentAt: Math.max(firstIntentAt ?? 0, ...turns.map(({ intentAt }) => intentAt)),
    paidMicroUsd: paid ?? 0,
    besideMicroUsd: counts ? (paid ?? 0) + (maybe ?? 0) - linked : 0,
    openMicroUsd: counts && forgets ? sumOf(open) : 0,
    linkedMicroUsd: linked,
  };
}
