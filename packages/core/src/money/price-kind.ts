import { rowsChoose, type BatchSource } from "../batch/batch.ts";

import { MODES, type Mode, type Recipe, type RecipeOverrides } from "../recipe/recipe.ts";

/** A row's overrides that affect its price: its mode or none, and one step or the recipe's steps. */
export type PriceKind = `${Mode | ""}/${"one" | "steps"}`;

/** Number of rows of each price tier. Rows without overrides are not counted. */
export type PriceKinds = Readonly<Partial<Record<PriceKind, number>>>;

/** All tiers. */
export const PRICE_KINDS: readonly PriceKind[] = ["", ...MODES].flatMap((mode) =>
  (["one", "steps"] as const).map((steps) => `${mode as Mode | ""}/${steps}` as const),
);

/** The tier of a row without overrides. Its price is the recipe's price. */
const PLAIN: PriceKind = "/steps";

/** Information about a batch's rows. */
export interface KnownRows {
  readonly source: Pick<BatchSource, "kind">;
  /** The number of rows, and of rows in each tier; undefined until the source was read to its end. */
  readonly read?: { readonly total: number; readonly kinds: PriceKinds } | undefined;
}

/** Returns the tiers that a batch's rows may have. For a manifest that was not read to its end, returns all tiers. */
export function possibleKinds({ source, read }: KnownRows): readonly PriceKind[] {
  if (!rowsChoose(source)) return [PLAIN];
  if (read === undefined) return PRICE_KINDS;
  const { total, kinds } = read;
  const asked = PRICE_KINDS.filter((kind) => (kinds[kind] ?? 0) > 0);
  // A rejected row has no tier and counts as one without overrides, which may overestimate the cost but never
  // underestimates it.
  const plain = total - asked.reduce((sum, kind) => sum + (kinds[kind] ?? 0), 0);
  return plain > 0 || asked.length === 0 ? [PLAIN, ...asked] : asked;
}

/** Returns the tier of a row; undefined for a row at the recipe's price. */
function priceKindOf({ mode, prompt, preset }: RecipeOverrides): PriceKind | undefined {
  const isOne = prompt !== undefined || preset !== undefined;
  const wished = MODES.find((known) => known === mode);
  return wished === undefined && !isOne ? undefined : `${wished ?? ""}/${isOne ? "one" : "steps"}`;
}

/** Returns the price factors of a row of this tier with a recipe. */
export function recipeOfKind(recipe: PricedRecipe, kind: PriceKind): PricedRecipe {
  const [mode, steps] = kind.split("/");
  const wished = MODES.find((known) => known === mode) ?? recipe.mode;
  return { ...recipe, mode: wished, steps: steps === "one" ? recipe.steps.slice(-1) : recipe.steps };
}

/** Counts rows by tier. */
export class KindCount {
  readonly #counts = new Map<PriceKind, number>();

  add(row: RecipeOverrides): void {
    const kind = priceKindOf(row);
    if (kind !== undefined) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  get counts(): PriceKinds {
    return Object.fromEntries(this.#counts);
  }
}

/** The parts of a recipe that affect its price. */
export type PricedRecipe = Pick<Recipe, "provider" | "mode" | "output" | "steps">;
