import { EMPTY_RECEIPT, summaryOf, type Receipt } from "@darkroom/core";

/**
 * A receipt as stored for the ledger's scripts. Only this module writes receipts, so that the summary always matches.
 */
export interface StoredReceipt {
  /** The receipt, for workers. */
  readonly receipt: string;
  /** Its summary, for scripts. */
  readonly summary: string;
}

/** Passed to a script that must leave the receipt unchanged. */
export const NO_RECEIPT: StoredReceipt = { receipt: "", summary: "" };

const EMPTY = JSON.stringify(EMPTY_RECEIPT);

/** Returns the stored form of a receipt. An empty receipt is not stored. */
export function storedUnlessEmpty(receipt: Receipt): StoredReceipt {
  const stored = storedReceipt(receipt);
  return stored.receipt === EMPTY ? NO_RECEIPT : stored;
}

/** Fixed-width columns that Lua can split, followed by the lane. Plain text needs no Buffer and is readable. */
export const SUMMARY_FORMAT = "c1c1c1c1c13c13c12c12";
/** Positions of the third flag and the two sums, which most scripts need. Counted from 1. */
export const PAID_AT = 3;
export const SUMS_AT = 31;

export function storedReceipt(receipt: Receipt): StoredReceipt {
  const { called, whole, paid, unanswered, firstIntentAt, lastIntentAt, lane, paidMicroUsd, heldMicroUsd } =
    summaryOf(receipt);
  const flags = [called, whole, paid, unanswered].map((flag) => (flag ? "1" : "0"));
  const times = [firstIntentAt, lastIntentAt].map((at) => String(at).padStart(13));
  const columns = [...flags, ...times, ...[paidMicroUsd, heldMicroUsd].map((micro) => String(micro).padStart(12))];
  return { receipt: JSON.stringify(receipt), summary: columns.join("") + lane };
}
