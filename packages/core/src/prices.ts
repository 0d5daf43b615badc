import { rowsChoose, type BatchSpec } from "./batch.ts";
import type { PriceTable } from "./price-table.ts";
import { MODES, picturesOfStep, type Mode, type ProviderName, type Recipe } from "./recipe.ts";

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
 * The most that a portrait of this provider can cost, whatever mode its row asks for: what a budget sets aside for it.
 *
 * @param rowsChoose rows may ask for a mode of their own, as a manifest's may: then each mode needs a price
 * @returns undefined where the table has no price for a mode that may be paid: such a call would cost a budget nothing
 */
export function highestPortraitPriceUsd(
  recipe: PricedRecipe,
  prices: PriceTable,
  rowsChoose: boolean,
): number | undefined {
  const own = portraitPriceUsd(recipe, prices);
  const all = MODES.map((mode: Mode) => portraitPriceUsd({ ...recipe, mode }, prices));
  const known = all.filter((price) => price !== undefined);
  if (own === undefined || (rowsChoose && known.length < all.length)) return undefined;
  return Math.max(...known);
}

/**
 * The most that a portrait can cost where a fallback's provider may do it instead.
 *
 * @param fallback its provider; undefined where there is none
 * @param rowsChoose see {@link highestPortraitPriceUsd}
 * @returns undefined where one of the two has no price
 */
export function dearestPortraitPriceUsd(
  recipe: PricedRecipe,
  fallback: ProviderName | undefined,
  prices: PriceTable,
  rowsChoose: boolean,
): number | undefined {
  const own = highestPortraitPriceUsd(recipe, prices, rowsChoose);
  if (fallback === undefined || own === undefined) return own;
  const other = highestPortraitPriceUsd({ ...recipe, provider: fallback }, prices, rowsChoose);
  return other === undefined ? undefined : Math.max(own, other);
}

/**
 * Why a budget sets aside more for a portrait than what the recipe's own mode costs, as the end of a sentence.
 *
 * @returns "" where it does not, or where another provider is the reason
 */
export function reserveReason(
  recipe: PricedRecipe,
  prices: PriceTable,
  reserveUsd: number,
  rowsChoose: boolean,
): string {
  if (portraitPriceUsd(recipe, prices) === reserveUsd) return "";
  const mode = MODES.find((other) => portraitPriceUsd({ ...recipe, mode: other }, prices) === reserveUsd);
  if (mode === undefined) return "";
  return rowsChoose ? `, because a row may ask for the mode ${mode}` : `, in the mode ${mode}`;
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
 * What a budget sets aside for each portrait in flight of a batch with this recipe, by the batch's own prices: that of its
 * dearest mode, where a row may ask for one, and of the dearer provider, where a fallback may do it.
 *
 * @returns undefined where the batch has no price for a call that may be made
 */
export function reserveOfBatchUsd(
  { prices, control, source }: Pick<BatchSpec, "prices" | "control" | "source">,
  recipe: PricedRecipe,
): number | undefined {
  return dearestPortraitPriceUsd(recipe, control?.fallback?.provider, prices, rowsChoose(source));
}

/** To a millionth of a USD, as money is counted everywhere: 3 × 0.1 is 0.3. */
export function microRounded(usd: number): number {
  return Math.round(usd * 1_000_000) / 1_000_000;
}
