import type { BatchSpec } from "../batch/batch.ts";
import { possibleKinds, recipeOfKind, type KnownRows, type PriceKind } from "./price-kind.ts";
import type { PriceTable } from "./price-table.ts";
import { picturesOfStep, type ProviderName, type Recipe } from "../recipe/recipe.ts";

/** The parts of a recipe that decide on its price. */
export type PricedRecipe = Pick<Recipe, "provider" | "mode" | "output" | "steps">;

/**
 * What the call of one step costs, in USD: the one place where a price is made from the table. Only the last step orders
 * the recipe's variations, see {@link picturesOfStep}.
 *
 * @param step from 0
 * @returns undefined where the table has no price for it
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

/** What each step of a recipe costs when it is paid once, in USD; undefined where the table has no price for it. */
export type StepPrices = readonly (number | undefined)[];

export function stepPricesUsd(recipe: PricedRecipe, prices: PriceTable): StepPrices {
  return recipe.steps.map((_, step) => callPriceUsd(recipe, step, prices));
}

/**
 * What one portrait of a recipe costs when each of its steps is paid once, in USD.
 *
 * @returns undefined where the table has no price for one of them
 */
export function portraitPriceUsd(recipe: PricedRecipe, prices: PriceTable): number | undefined {
  return sumOfSteps(stepPricesUsd(recipe, prices));
}

/** What so many steps cost together, in USD. @returns undefined where one of them has no price */
export function sumOfSteps(steps: StepPrices): number | undefined {
  let sum = 0;
  for (const usd of steps) {
    if (usd === undefined) return undefined;
    sum = microRounded(sum + usd);
  }
  return sum;
}

/**
 * The most that a portrait of this provider can cost when each of its steps is paid once.
 *
 * @param kinds what rows may ask for, see `possibleKinds`
 * @returns undefined where the table has no price for one of them: such a call would cost a budget nothing
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
 * The most that a portrait can cost where a fallback's provider may do it instead.
 *
 * @param fallback its provider; undefined where there is none
 * @param kinds see {@link highestPortraitPriceUsd}
 * @returns undefined where one of the two has no price
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
 * Why a portrait may cost more than what the recipe's own mode costs, as the end of a sentence.
 *
 * @param rows what is known of them
 * @returns "" where it does not, or where another provider is the reason
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

/** The part of a price table that a batch may have to pay by: its own provider's, and its fallback's. */
export function pricesOfBatch(
  recipe: Pick<Recipe, "provider">,
  fallback: ProviderName | undefined,
  prices: PriceTable,
): PriceTable {
  const providers = [recipe.provider, ...(fallback === undefined ? [] : [fallback])];
  return Object.fromEntries(Object.entries(prices).filter(([name]) => providers.some((provider) => provider === name)));
}

/**
 * What a portrait of a batch with this recipe can cost at most, by the batch's own prices: that of its dearest row, and of the
 * dearer provider, where a fallback may do it.
 *
 * @param read see {@link KnownRows}; undefined while the source is being read
 * @returns undefined where the batch has no price for a call that may be made
 */
export function dearestOfBatchUsd(
  { prices, control, source }: Pick<BatchSpec, "prices" | "control" | "source">,
  recipe: PricedRecipe,
  read?: KnownRows["read"],
): number | undefined {
  return dearestPortraitPriceUsd(recipe, control?.fallback?.provider, prices, possibleKinds({ source, read }));
}

/** To a millionth of a USD, as money is counted everywhere: 3 × 0.1 is 0.3. */
export function microRounded(usd: number): number {
  return Math.round(usd * 1_000_000) / 1_000_000;
}
