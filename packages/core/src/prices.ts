import type { Mode, ProviderName, Recipe } from "./recipe.ts";

/** USD for one turn, from the configuration. */
export type PriceTable = Readonly<Partial<Record<ProviderName, Readonly<Partial<Record<Mode, number>>>>>>;

/**
 * What one portrait of a recipe costs when each of its steps is paid once, in USD.
 *
 * @returns undefined where the table has no price for it
 */
export function portraitPriceUsd(
  recipe: Pick<Recipe, "provider" | "mode" | "steps">,
  prices: PriceTable,
): number | undefined {
  const perTurn = prices[recipe.provider]?.[recipe.mode];
  return perTurn === undefined ? undefined : perTurn * recipe.steps.length;
}

/** The most that a portrait of this provider can cost, whatever mode its row asks for: what a budget sets aside for it. */
export function highestPortraitPriceUsd(
  recipe: Pick<Recipe, "provider" | "mode" | "steps">,
  prices: PriceTable,
): number | undefined {
  const perTurn = Object.values(prices[recipe.provider] ?? {});
  return perTurn.length === 0 ? undefined : Math.max(...perTurn) * recipe.steps.length;
}
