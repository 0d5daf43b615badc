import { sumOfSteps, type StepPrices } from "../money/prices.ts";
import { MICRO } from "../money/micro-usd.ts";
import { moneyOf, priceOf } from "./receipt-money.ts";
import { mayBePaid, type Receipt } from "./receipt.ts";

/**
 * What a portrait's calls so far cost, or may have cost (micro-USD); a call without a price counts as nothing. Before the first
 * intent a turn is only asked for: Redis may have forgotten its call.
 */
export function incurredMicroUsd(receipt: Receipt): number {
  const { paid, maybe } = moneyOf(receipt);
  const isCalled = receipt.firstIntentAt !== undefined;
  const open = receipt.turns.filter((turn) => isCalled && mayBePaid(turn) && turn.maybe !== true);
  return (paid ?? 0) + (maybe ?? 0) + open.reduce((sum, turn) => sum + (priceOf(receipt, turn) ?? 0), 0);
}

/** What a budget holds for a portrait until it ends: what was authorized for it, or what its calls may have cost already. */
export function heldMicroUsd(receipt: Receipt): number {
  return Math.max(receipt.authorizedMicroUsd ?? 0, incurredMicroUsd(receipt));
}

/**
 * The receipt with all that the portrait may cost, from a call on that it intends (micro-USD): the calls so far, this one,
 * and each later step once.
 *
 * @param stepPricesUsd of its recipe, at the provider that is called
 * @returns undefined where one of these calls has no price
 */
export function withAuthorization(receipt: Receipt, stepPricesUsd: StepPrices): Receipt | undefined {
  const later = sumOfSteps(stepPricesUsd.slice(receipt.turns.length));
  const { paid, maybe } = moneyOf(receipt);
  const isPriced = paid !== null && maybe !== null && receipt.turns.every((turn) => priceOf(receipt, turn) !== null);
  if (later === undefined || !isPriced) return undefined;
  return { ...receipt, authorizedMicroUsd: incurredMicroUsd(receipt) + Math.round(later * MICRO) };
}

/** The receipt without what was authorized beyond the calls that it has made. */
export function withoutAuthorization(receipt: Receipt): Receipt {
  const { authorizedMicroUsd: _, ...kept } = receipt;
  return kept;
}
