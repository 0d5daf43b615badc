import { rowsChoose, type BatchSource } from "../batch/batch.ts";
import type { PricedRecipe } from "./prices.ts";
import { MODES, type Mode, type RecipeOverrides } from "../recipe/recipe.ts";

/** What a row asks for instead of the recipe, as far as that decides on its price: its mode or none, and one step or the recipe's. */
export type PriceKind = `${Mode | ""}/${"one" | "steps"}`;

/** How many rows of a batch are of each kind; those that ask for nothing are in none. */
export type PriceKinds = Readonly<Partial<Record<PriceKind, number>>>;

/** Every kind there is. */
export const PRICE_KINDS: readonly PriceKind[] = ["", ...MODES].flatMap((mode) =>
  (["one", "steps"] as const).map((steps) => `${mode as Mode | ""}/${steps}` as const),
);

/** The kind of a row that asks for nothing: it costs what the recipe costs. */
const PLAIN: PriceKind = "/steps";

/** What is known of the rows of a batch. */
export interface KnownRows {
  readonly source: Pick<BatchSource, "kind">;
  /** Once the source is read to its end: how many rows it has, and of which kinds. */
  readonly read?: { readonly total: number; readonly kinds: PriceKinds } | undefined;
}

/** The kinds that a batch's rows may be of. A manifest's may be of any until it is read to its end. */
export function possibleKinds({ source, read }: KnownRows): readonly PriceKind[] {
  if (!rowsChoose(source)) return [PLAIN];
  if (read === undefined) return PRICE_KINDS;
  const { total, kinds } = read;
  const asked = PRICE_KINDS.filter((kind) => (kinds[kind] ?? 0) > 0);
  // A rejected row is of no kind, and counts as a plain one: rather too much is expected than too little.
  const plain = total - asked.reduce((sum, kind) => sum + (kinds[kind] ?? 0), 0);
  return plain > 0 || asked.length === 0 ? [PLAIN, ...asked] : asked;
}

/** The kind of a row; undefined for one that costs what the recipe costs. */
function priceKindOf({ mode, prompt, preset }: RecipeOverrides): PriceKind | undefined {
  const isOne = prompt !== undefined || preset !== undefined;
  const wished = MODES.find((known) => known === mode);
  return wished === undefined && !isOne ? undefined : `${wished ?? ""}/${isOne ? "one" : "steps"}`;
}

/** What decides on the price of a row of this kind under a recipe. */
export function recipeOfKind(recipe: PricedRecipe, kind: PriceKind): PricedRecipe {
  const [mode, steps] = kind.split("/");
  const wished = MODES.find((known) => known === mode) ?? recipe.mode;
  return { ...recipe, mode: wished, steps: steps === "one" ? recipe.steps.slice(-1) : recipe.steps };
}

/** Counts rows by their kind. */
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
