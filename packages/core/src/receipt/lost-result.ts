import type { OutcomeCode } from "../report/outcome.ts";
import { plus, priceOf } from "./receipt-money.ts";
import type { FoundPicture, Receipt, Turn } from "./receipt.ts";

/** Where a paid picture was that a portrait ended without. */
export interface LostResult {
  /** Of the photo and the recipe that it was made for: another portrait never gets it. */
  readonly fingerprint: string;
  /** The picture of the last one is the result. */
  readonly turns: readonly Turn[];
  /** What the round that lost it has booked for these turns. */
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
  const { fingerprint, turns, steps = 1, round = 0 } = receipt;
  const isWhole = turns.length >= steps && turns.at(-1)?.outputUrl !== undefined;
  if (!STILL_GOOD.has(code) || fingerprint === undefined || !isWhole) return undefined;
  return { fingerprint, turns, booked: bookedFor(receipt, lane), round };
}

/** What the end of a portrait books for its turns. What was found, and is lost again, was booked by the round that paid. */
export function bookedFor(receipt: Receipt, lane: string): FoundPicture {
  const microUsd = receipt.turns.reduce<number | null>((sum, turn) => plus(sum, priceOf(receipt, turn)), 0);
  return receipt.found ?? { microUsd, lane };
}
