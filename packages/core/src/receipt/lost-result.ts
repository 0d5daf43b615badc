import type { OutcomeCode } from "../report/outcome.ts";
import type { Call } from "./call.ts";
import { costOf } from "./receipt-money.ts";
import { isWhole, presentCalls, type FoundPicture, type Receipt } from "./receipt.ts";

/** Links of a paid picture that a portrait ended without. */
export interface LostResult {
  /** The photo and recipe that it was made for; no other portrait may get it. */
  readonly fingerprint: string;
  /** One per step. The picture of the last one is the result. */
  readonly calls: readonly Call[];
  /** The costs that the round that lost it has recorded for these calls. */
  readonly booked: FoundPicture;
  /** The number of that round. */
  readonly round: number;
}

/** Outcomes that do not blame the paid picture. */
const STILL_GOOD: ReadonlySet<OutcomeCode> = new Set([
  "storage_error",
  "internal",
  "cancelled_in_flight",
  "destination_taken",
]);

/**
 * What a retry must look for after this outcome: the portrait was fully paid for, and its picture is not at fault.
 *
 * @param lane the lane whose provider was paid
 */
export function lostResultOf(code: OutcomeCode, receipt: Receipt, lane: string): LostResult | undefined {
  const { fingerprint, round = 0 } = receipt;
  if (!STILL_GOOD.has(code) || fingerprint === undefined || !isWhole(receipt)) return undefined;
  return { fingerprint, calls: presentCalls(receipt), booked: bookedFor(receipt, lane), round };
}

/**
 * The costs that the end of a portrait records for its calls. Pictures that were found and lost again were recorded by
 * the round that paid.
 */
export function bookedFor(receipt: Receipt, lane: string): FoundPicture {
  return receipt.found ?? { microUsd: costOf(presentCalls(receipt)), lane };
}
