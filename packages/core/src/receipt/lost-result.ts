import type { OutcomeCode } from "../report/outcome.ts";
import type { Call } from "./call.ts";
import { costOf } from "./receipt-money.ts";
import { isWhole, presentCalls, type FoundPicture, type Receipt } from "./receipt.ts";

/** Links to a paid picture whose portrait ended without it. */
export interface LostResult {
  /** The photo and recipe that the picture was made for. No other portrait may get it. */
  readonly fingerprint: string;
  /** One call per step. The picture of the last call is the result. */
  readonly calls: readonly Call[];
  /** The costs that the round that lost the picture has recorded for these calls. */
  readonly booked: FoundPicture;
  /** Number of the round that lost the picture. */
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
 * Returns the picture that a retry must look for after this outcome, if the portrait was fully paid for and the picture
 * is not at fault.
 *
 * @param lane the lane whose provider was paid
 */
export function lostResultOf(code: OutcomeCode, receipt: Receipt, lane: string): LostResult | undefined {
  const { fingerprint, round = 0 } = receipt;
  if (!STILL_GOOD.has(code) || fingerprint === undefined || !isWhole(receipt)) return undefined;
  return { fingerprint, calls: presentCalls(receipt), booked: bookedFor(receipt, lane), round };
}

/**
 * Returns the costs that the end of a portrait records for its calls. The round that paid has already recorded pictures
 * that were found and lost again.
 */
export function bookedFor(receipt: Receipt, lane: string): FoundPicture {
  return receipt.found ?? { microUsd: costOf(presentCalls(receipt)), lane };
}
