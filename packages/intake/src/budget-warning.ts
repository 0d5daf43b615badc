import type { QuotedCost } from "@darkroom/core";

/**
 * Warns when a budget does not cover every portrait once.
 *
 * @param goodRows portraits that the cost covers
 * @returns undefined when the budget is sufficient or absent, or the cost unknown
 */
export function budgetWarning(
  { usd }: Pick<QuotedCost, "usd">,
  goodRows: number,
  maxCostUsd: number | undefined,
): readonly string[] {
  if (usd === null || maxCostUsd === undefined || usd <= maxCostUsd) return [];
  const paid = Math.floor((goodRows * maxCostUsd) / usd);
  return [
    `The budget of ${maxCostUsd} USD is less than the cost: it pays for about ${paid} of ${goodRows} portraits, then the batch pauses.`,
  ];
}
