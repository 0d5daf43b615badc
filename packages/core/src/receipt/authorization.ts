import { sumOfSteps, type StepPrices } from "../money/prices.ts";
import { MICRO } from "../money/micro-usd.ts";
import { withoutFields } from "./change-calls.ts";
import { costOf, moneyOf, openCalls } from "./receipt-money.ts";
import { presentCalls, type Receipt } from "./receipt.ts";

/**
 * Returns what a portrait's calls have cost, or may have cost (micro-USD). A call without a price counts as 0. Before
 * the first intent, the receipt contains only a recalled call that Redis may have forgotten.
 */
export function incurredMicroUsd(receipt: Receipt): number {
  const { paid, maybe } = moneyOf(receipt);
  const open = receipt.firstIntentAt === undefined ? [] : openCalls(receipt);
  return (paid ?? 0) + (maybe ?? 0) + open.reduce((sum, { priceMicroUsd = 0 }) => sum + priceMicroUsd, 0);
}

/**
 * Returns the amount that a budget holds for a portrait until it ends: the authorized amount, or the possible cost of
 * the portrait's calls if that is higher.
 */
export function heldMicroUsd(receipt: Receipt): number {
  return Math.max(receipt.authorizedMicroUsd ?? 0, incurredMicroUsd(receipt));
}

/**
 * Authorizes the portrait's maximum cost including the intended call (micro-USD): the calls so far, the intended one,
 * and each later step once.
 *
 * @param stepPricesUsd prices of its recipe's steps at the called provider
 * @returns undefined if one of these calls has no price
 */
export function withAuthorization(receipt: Receipt, stepPricesUsd: StepPrices): Receipt | undefined {
  const present = presentCalls(receipt);
  const later = sumOfSteps(stepPricesUsd.slice(present.length));
  const { paid, maybe } = moneyOf(receipt);
  if (later === undefined || paid === null || maybe === null || costOf(present) === null) return undefined;
  return { ...receipt, authorizedMicroUsd: incurredMicroUsd(receipt) + Math.round(later * MICRO) };
}

/** Voids the authorization beyond the calls already made. */
export function withoutAuthorization(receipt: Receipt): Receipt {
  return withoutFields(receipt, "authorizedMicroUsd");
}
