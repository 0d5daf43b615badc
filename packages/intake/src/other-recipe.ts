import {
  DarkroomError,
  isBatchId,
  isTwinLane,
  microRounded,
  portraitPriceUsd,
  RESULT_METADATA,
  type BatchSpec,
  type ObjectHead,
  type ObjectStore,
  type OpenStore,
  type OtherRecipe,
  type PortraitRow,
  recipeFor,
  recipeHash,
  recipeSummary,
  whatLies,
} from "@darkroom/core";
import { findPhoto, readBatchSpec } from "@darkroom/manifest";
import { placeMark } from "@darkroom/storage";
import { inTurns } from "./in-turns.ts";

/** Results found at an order's destination, for {@link otherRecipeText}. */
interface MetResults {
  readonly found: OtherRecipe;
  /** Number of photos checked. */
  readonly looked: number;
  /** True if the simulator makes the order's results, so that nothing is paid. */
  readonly simulated: boolean;
}

/** Number of photos of a submission whose keys are checked for results before the acceptance. */
const LOOKED_AT = 50;

/**
 * Rejects a batch whose first photos have results of another recipe at its destination, unless the submission sets
 * `overwrite`.
 *
 * @throws DarkroomError `conflict` with field `overwrite`
 */
export async function refuseOtherRecipe(
  { source, destination, recipe, lane }: Pick<BatchSpec, "source" | "destination" | "recipe" | "lane">,
  rows: readonly PortraitRow[],
  openStore: OpenStore,
  signal: AbortSignal,
): Promise<void> {
  if (destination.overwrite !== undefined) return;
  const store = openStore(destination.url);
  const looked = rows.slice(0, LOOKED_AT);
  const simulated = isTwinLane(lane);
  const look = async (row: PortraitRow): Promise<readonly ObjectHead[]> => {
    const head = await store.head(row.destination);
    if (head === undefined) return [];
    const place = placeMark(await findPhoto(openStore, source, row));
    const hash = recipeHash(recipeFor(recipe, row), row.profileIds);
    return whatLies(head, { fingerprint: "", place, recipe: hash, simulated }) === "other-recipe" ? [head] : [];
  };
  const heads = (await inTurns(looked, look, signal)).flat();
  if (heads.length === 0) return;
  const found = await sumOtherRecipe(store, heads);
  throw new DarkroomError("conflict", otherRecipeText({ found, looked: looked.length, simulated }), {
    field: "overwrite",
  });
}

/**
 * Sums up results of another recipe: their cost, and the recipes that made them, from the batches that made them.
 *
 * @param heads of these results
 */
export async function sumOtherRecipe(
  destination: ObjectStore,
  heads: readonly Pick<ObjectHead, "metadata">[],
): Promise<OtherRecipe> {
  const counts = new Map<string, number>();
  for (const { metadata } of heads) {
    const id = metadata[RESULT_METADATA.batch] ?? "";
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  let usd: number | null = 0;
  const recipes = new Set<string>();
  for (const [id, count] of counts) {
    const spec = isBatchId(id) ? await readBatchSpec(destination, id) : undefined;
    const each = spec === undefined ? undefined : portraitPriceUsd(spec.recipe, spec.prices);
    usd = usd === null || each === undefined ? null : microRounded(usd + each * count);
    if (spec !== undefined) recipes.add(recipeText(spec));
  }
  return { results: heads.length, usd: heads.length === 0 ? null : usd, recipes: [...recipes] };
}

function recipeText({ recipe }: Pick<BatchSpec, "recipe">): string {
  const { steps, mode, provider } = recipeSummary(recipe);
  return [steps.join(", then "), mode, provider].filter((part) => part !== null).join(" · ");
}

/** Describes results of another recipe at the destination, with advice. */
export function otherRecipeText({ found, looked, simulated }: MetResults): string {
  const { results, usd, recipes } = found;
  const count = results === looked ? `all ${looked}` : `${results} of the ${looked}`;
  const photos = looked === 1 ? "the photo that was" : `${count} photos that were`;
  const by = recipes.length === 0 ? "" : ` (${recipes.join("; ")})`;
  const worth =
    usd === null || usd === 0 ? "" : `, which cost about ${usd.toFixed(2)} USD${simulated ? " (simulated)" : ""}`;
  const again = simulated ? "would replace them" : "would replace them and pay for these photos again";
  return (
    `The destination has results of another recipe${by} for ${photos} looked at${worth}. This batch ${again}. ` +
    'Name another destination; or give --remake (overwrite: "other-recipe") to make them anew, or --no-overwrite (overwrite: false) to keep them and enhance the other photos.'
  );
}
