import type { OutcomeCode } from "../report/outcome.ts";
import type { Call } from "./call.ts";
import { costOf } from "./receipt-money.ts";
import { isWhole, presentCalls, type FoundPicture, type Receipt } from "./receipt.ts";

/** Where a paid picture was that a portrait ended without. */
export interface LostResult {
  /** Of the photo and the recipe that it was made for: another portrait never gets it. */
  readonly fingerprint: string;
  /** One for each step. The picture of the last one is the result. */
  readonly calls: readonly Call[];
  /** What the round that lost it has booked for these calls. */
  readonly booked: FoundPicture;
  /** That round. */
  readonly round: number;
}

/** Ends of a portrait that say nothing against its paid picture. */
const STILL_GOOD: ReadonlySet<OutcomeCode> = new Set([
  "storage_error",
  "internal",
  "cancelled_in_flight",
  "destination_taken",
]);

/**
 * What a retry is to look for of a portrait that ends so: it was paid for in whole, and the end is no fault of its picture.
 *
 * @param lane whose provider was paid
 */
export function lostResultOf(code: OutcomeCode, receipt: Receipt, lane: string): LostResult | undefined {
  const { fingerprint, round = 0 } = receipt;
  if (!STILL_GOOD.has(code) || fingerprint === undefined || !isWhole(receipt)) return undefined;
  return { fingerprint, calls: presentCalls(receipt), booked: bookedFor(receipt, lane), round };
}

/** What the end of a portrait books for its calls. What was found, and is lost again, was booked by the round that paid. */
export function bookedFor(receipt: Receipt, lane: string): FoundPicture {
  return receipt.found ?? { microUsd: costOf(presentCalls(receipt)), lane };
}
