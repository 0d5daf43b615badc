import { EMPTY_RECEIPT, summaryOf, type Receipt } from "@darkroom/core";

/** A receipt as the ledger's scripts store it: the one place where it is written, so that its summary never differs. */
export interface StoredReceipt {
  /** The receipt, for workers. */
  readonly receipt: string;
  /** Its summary, for scripts. */
  readonly summary: string;
}

/** What a script is given where it is to leave the receipt as it is. */
export const NO_RECEIPT: StoredReceipt = { receipt: "", summary: "" };

const EMPTY = JSON.stringify(EMPTY_RECEIPT);

/** The receipt of a portrait that may have been through nothing: that one is not stored. */
export function storedUnlessEmpty(receipt: Receipt): StoredReceipt {
  const stored = storedReceipt(receipt);
  return stored.receipt === EMPTY ? NO_RECEIPT : stored;
}

/** How Lua takes a summary apart: columns of fixed width, then the lane. As text it takes no Buffer and can be read. */
export const SUMMARY_FORMAT = "c1c1c1c1c13c13c12c12";
/** Where its third flag is, and its two sums: what most scripts need. Counted from 1. */
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
