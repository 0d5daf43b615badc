import type { BatchSpec } from "../batch/batch.ts";
import { canonicalJson } from "./fingerprint.ts";

/** A user's order: the photos, the recipe, the destination, the account and the limits. */
export type BatchOrder = Pick<BatchSpec, "source" | "destination" | "recipe" | "lane" | "control">;

/**
 * True if continuing the first order fulfils the second. Ignores the budget, because it applies to the whole order, so
 * that a changed budget does not make a new order.
 */
export function isSameOrder(one: BatchOrder, other: BatchOrder): boolean {
  return orderText(one) === orderText(other);
}

function orderText({ source, destination, recipe, lane, control = {} }: BatchOrder): string {
  const { overwrite, ...place } = destination;
  const { maxCostUsd: _, ...limits } = control;
  // The command is the same order, even if the user was asked about results of another recipe in the meantime.
  const replaced = overwrite === true ? { overwrite } : {};
  return canonicalJson({ source, destination: { ...place, ...replaced }, recipe, lane, control: limits });
}

/** True if one destination equals or contains the other. Store URLs end with a slash. */
export function destinationsOverlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
