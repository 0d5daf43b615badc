import type { QuotedCost } from "@darkroom/core";

/**
 * Says how far a budget goes where it does not pay for all portraits once.
 *
 * @param goodRows portraits that the cost is of
 * @returns nothing where the budget is enough, where there is none, or where the cost is not known
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
