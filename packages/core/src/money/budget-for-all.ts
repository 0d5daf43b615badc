import type { BatchStatus } from "../batch/batch.ts";

/**
 * Returns the budget, in whole cents, that covers the whole batch by its estimate; undefined if unknown or not above
 * the current budget.
 */
export function budgetForAll({
  estimatedCostUsd,
  maybeUsd,
  maxCostUsd,
}: Pick<BatchStatus, "estimatedCostUsd" | "maybeUsd" | "maxCostUsd">): number | undefined {
  if (estimatedCostUsd === null || maxCostUsd === null) return undefined;
  const usd = Math.ceil((estimatedCostUsd + maybeUsd) * 100 - 1e-6) / 100;
  return usd > maxCostUsd ? usd : undefined;
}
