import type { BatchSpec } from "../batch/batch.ts";
import { canonicalJson } from "./fingerprint.ts";

/** What a person orders: what is made of which photos, where it is put, by which account and within which limits. */
export type BatchOrder = Pick<BatchSpec, "source" | "destination" | "recipe" | "lane" | "control">;

/** Whether two orders are the very same one: whoever goes on with the first does what the second asks for. */
export function isSameOrder(one: BatchOrder, other: BatchOrder): boolean {
  return orderText(one) === orderText(other);
}

/** An order without its budget, as an order that was given once more with another budget is compared. */
export function withoutBudget(order: BatchOrder): BatchOrder {
  const { maxCostUsd: _, ...control } = order.control ?? {};
  return { ...order, control };
}

function orderText({ source, destination, recipe, lane, control = {} }: BatchOrder): string {
  return canonicalJson({ source, destination, recipe, lane, control });
}

/** Whether one destination is the other one, or lies in it. Store URLs end with a slash. */
export function destinationsOverlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
