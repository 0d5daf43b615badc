import type { BatchSpec } from "../batch/batch.ts";
import { possibleKinds, recipeOfKind, type KnownRows, type PriceKind } from "./price-kind.ts";
import type { PriceTable } from "./price-table.ts";
import { picturesOfStep, type ProviderName, type Recipe } from "../recipe/recipe.ts";
import { type PricedRecipe } from "./price-kind.ts";

/**
 * Returns the price of one step's call, in USD. No other function reads prices of calls from the price table. Only the
 * last step orders the recipe's variations, see {@link picturesOfStep}.
 *
 * @param step from 0
 * @returns undefined if the table has no price for the call
 */
export function callPriceUsd(recipe: PricedRecipe, step: number, prices: PriceTable): number | undefined {
  const { provider, mode } = recipe;
  switch (provider) {
    case "each-sense":
      return prices["each-sense"]?.[mode];
    case "phota": {
      const { image, images } = prices.phota ?? {};
      const count = picturesOfStep(recipe, step);
      return images?.[String(count) as "1"] ?? (image === undefined ? undefined : microRounded(image * count));
    }
  }
  return provider satisfies never;
}

/** The price of each step of a recipe in USD, paid once; undefined if the table has none. */
export type StepPrices = readonly (number | undefined)[];

export function stepPricesUsd(recipe: PricedRecipe, prices: PriceTable): StepPrices {
  return recipe.steps.map((_, step) => callPriceUsd(recipe, step, prices));
}

/**
 * Returns the price of one portrait with a recipe in USD, each step paid once.
 *
 * @returns undefined if a step has no price
 */
export function portraitPriceUsd(recipe: PricedRecipe, prices: PriceTable): number | undefined {
  return sumOfSteps(stepPricesUsd(recipe, prices));
}

/**
 * Returns the sum of the steps' prices, in USD.
 *
 * @returns undefined if one of them has no price
 */
export function sumOfSteps(steps: StepPrices): number | undefined {
  let sum = 0;
  for (const usd of steps) {
    if (usd === undefined) return undefined;
    sum = microRounded(sum + usd);
  }
  return sum;
}

/**
 * Returns the maximum price of a portrait with this provider, each step paid once.
 *
 * @param kinds price tiers that rows may have, see `possibleKinds`
 * @returns undefined if one of them has no price, because a budget would count such a call as free
 */
export function highestPortraitPriceUsd(
  recipe: PricedRecipe,
  prices: PriceTable,
  kinds: readonly PriceKind[],
): number | undefined {
  const each = kinds.map((kind) => portraitPriceUsd(recipeOfKind(recipe, kind), prices));
  const known = each.filter((price) => price !== undefined);
  return known.length < each.length ? undefined : Math.max(...known);
}

/**
 * Returns the maximum price of a portrait that a fallback's provider may process instead.
 *
 * @param fallback the fallback's provider; undefined without a fallback
 * @param kinds see {@link highestPortraitPriceUsd}
 * @returns undefined if one of the two has no price
 */
export function dearestPortraitPriceUsd(
  recipe: PricedRecipe,
  fallback: ProviderName | undefined,
  prices: PriceTable,
  kinds: readonly PriceKind[],
): number | undefined {
  const own = highestPortraitPriceUsd(recipe, prices, kinds);
  if (fallback === undefined || own === undefined) return own;
  const other = highestPortraitPriceUsd({ ...recipe, provider: fallback }, prices, kinds);
  return other === undefined ? undefined : Math.max(own, other);
}

/**
 * Explains why a portrait may cost more than the recipe's own mode, as the end of a sentence.
 *
 * @param rows information about the rows
 * @returns "" if the portrait cannot cost more, or if another provider is the reason
 */
export function whyDearest(recipe: PricedRecipe, prices: PriceTable, reserveUsd: number, rows: KnownRows): string {
  if (portraitPriceUsd(recipe, prices) === reserveUsd) return "";
  const kind = possibleKinds(rows).find((each) => portraitPriceUsd(recipeOfKind(recipe, each), prices) === reserveUsd);
  if (kind === undefined) return "";
  const { mode } = recipeOfKind(recipe, kind);
  return rows.read === undefined
    ? `, because a row may ask for the mode ${mode}`
    : `, because a row asks for the mode ${mode}`;
}

/** Returns the part of a price table that a batch may need: prices of its own provider, and of its fallback's. */
export function pricesOfBatch(
  recipe: Pick<Recipe, "provider">,
  fallback: ProviderName | undefined,
  prices: PriceTable,
): PriceTable {
  const providers = [recipe.provider, ...(fallback === undefined ? [] : [fallback])];
  return Object.fromEntries(Object.entries(prices).filter(([name]) => providers.some((provider) => provider === name)));
}

/**
 * Returns the maximum price of a portrait in a batch with this recipe, at the batch's own prices: the price of the most
 * expensive row with the more expensive provider, if there is a fallback.
 *
 * @param read see {@link KnownRows}; undefined while the source is being read
 * @returns undefined if a possible call has no price
 */
export function dearestOfBatchUsd(
  { prices, control, source }: Pick<BatchSpec, "prices" | "control" | "source">,
  recipe: PricedRecipe,
  read?: KnownRows["read"],
): number | undefined {
  return dearestPortraitPriceUsd(recipe, control?.fallback?.provider, prices, possibleKinds({ source, read }));
}

/** Rounds to a millionth of a USD, as all amounts are: 3 × 0.1 becomes 0.3. */
export function microRounded(usd: number): number {
  return Math.round(usd * 1_000_000) / 1_000_000;
}
