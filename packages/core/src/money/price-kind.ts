import { rowsChoose, type BatchSource } from "../batch/batch.ts";
import type { PricedRecipe } from "./prices.ts";
import { MODES, type Mode, type RecipeOverrides } from "../recipe/recipe.ts";

/** A row's overrides that affect its price: its mode or none, and one step or the recipe's. */
export type PriceKind = `${Mode | ""}/${"one" | "steps"}`;

/** Number of rows of each price tier. Rows without overrides are not counted. */
export type PriceKinds = Readonly<Partial<Record<PriceKind, number>>>;

/** All tiers. */
export const PRICE_KINDS: readonly PriceKind[] = ["", ...MODES].flatMap((mode) =>
  (["one", "steps"] as const).map((steps) => `${mode as Mode | ""}/${steps}` as const),
);

/** The tier of a row without overrides, which costs what the recipe costs. */
const PLAIN: PriceKind = "/steps";

/** What is known of a batch's rows. */
export interface KnownRows {
  readonly source: Pick<BatchSource, "kind">;
  /** Known once the source is read to its end: the number of rows, and of each tier. */
  readonly read?: { readonly total: number; readonly kinds: PriceKinds } | undefined;
}

/** The tiers that a batch's rows may have. For a manifest, all of them until it is read to its end. */
export function possibleKinds({ source, read }: KnownRows): readonly PriceKind[] {
  if (!rowsChoose(source)) return [PLAIN];
  if (read === undefined) return PRICE_KINDS;
  const { total, kinds } = read;
  const asked = PRICE_KINDS.filter((kind) => (kinds[kind] ?? 0) > 0);
  // A rejected row has no tier and counts as one without overrides, which overestimates the cost rather than
  // underestimating it.
  const plain = total - asked.reduce((sum, kind) => sum + (kinds[kind] ?? 0), 0);
  return plain > 0 || asked.length === 0 ? [PLAIN, ...asked] : asked;
}

/** The tier of a row; undefined for one that costs what the recipe costs. */
function priceKindOf({ mode, prompt, preset }: RecipeOverrides): PriceKind | undefined {
  const isOne = prompt !== undefined || preset !== undefined;
  const wished = MODES.find((known) => known === mode);
  return wished === undefined && !isOne ? undefined : `${wished ?? ""}/${isOne ? "one" : "steps"}`;
}

/** The price factors of a row of this tier with a recipe. */
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
