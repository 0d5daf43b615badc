import { sumOfSteps, type StepPrices } from "../money/prices.ts";
import { MICRO } from "../money/micro-usd.ts";
import { withoutFields } from "./change-calls.ts";
import { costOf, moneyOf, openCalls } from "./receipt-money.ts";
import { presentCalls, type Receipt } from "./receipt.ts";

/**
 * What a portrait's calls have cost, or may have cost (micro-USD); a call without a price counts as nothing. Before the
 * first intent, a call is only recalled: Redis may have forgotten it.
 */
export function incurredMicroUsd(receipt: Receipt): number {
  const { paid, maybe } = moneyOf(receipt);
  const open = receipt.firstIntentAt === undefined ? [] : openCalls(receipt);
  return (paid ?? 0) + (maybe ?? 0) + open.reduce((sum, { priceMicroUsd = 0 }) => sum + priceMicroUsd, 0);
}

/**
 * The amount that a budget holds for a portrait until it ends: what was authorized, or what its calls may have cost if
 * that is more.
 */
export function heldMicroUsd(receipt: Receipt): number {
  return Math.max(receipt.authorizedMicroUsd ?? 0, incurredMicroUsd(receipt));
}

/**
 * Adds an authorization for everything that the portrait may cost, including the call that it intends (micro-USD): the
 * calls so far, this one, and each later step once.
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

/** Voids what was authorized beyond the calls already made. */
export function withoutAuthorization(receipt: Receipt): Receipt {
  return withoutFields(receipt, "authorizedMicroUsd");
}
