import type { ProviderName } from "./recipe/recipe.ts";

/**
 * Known duration of one turn, in seconds. each::sense: 5 to 300 s per image (provider contract A.5). Providers without
 * documented durations are absent.
 */
export const TURN_SECONDS: Readonly<Partial<Record<ProviderName, { readonly min: number; readonly max: number }>>> = {
  "each-sense": { min: 5, max: 300 },
};
