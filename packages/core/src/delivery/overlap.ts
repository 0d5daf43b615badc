import type { BatchSpec } from "../batch/batch.ts";
import { canonicalJson } from "./fingerprint.ts";

/** A user's order: which photos to enhance how, where to store the results, with which account and limits. */
export type BatchOrder = Pick<BatchSpec, "source" | "destination" | "recipe" | "lane" | "control">;

/**
 * True if continuing the first order fulfils the second. The budget is ignored: it applies to the whole order, so
 * changing it does not make a new order.
 */
export function isSameOrder(one: BatchOrder, other: BatchOrder): boolean {
  return orderText(one) === orderText(other);
}

function orderText({ source, destination, recipe, lane, control = {} }: BatchOrder): string {
  const { overwrite, ...place } = destination;
  const { maxCostUsd: _, ...limits } = control;
  // A person may have been asked what becomes of results of another recipe; the command was the same.
  const replaced = overwrite === true ? { overwrite } : {};
  return canonicalJson({ source, destination: { ...place, ...replaced }, recipe, lane, control: limits });
}

/** True if one destination is the other one, or is inside it. Store URLs end with a slash. */
export function destinationsOverlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
