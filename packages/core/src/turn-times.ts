import type { ProviderName } from "./recipe/recipe.ts";

/**
 * How long one turn is known to take, in seconds. each::sense: 5 to 300 s an image (provider contract A.5). A provider
 * that names no times is not here.
 */
export const TURN_SECONDS: Readonly<Partial<Record<ProviderName, { readonly min: number; readonly max: number }>>> = {
  "each-sense": { min: 5, max: 300 },
};
