import {
  DarkroomError,
  isRejected,
  portraitPriceUsd,
  rangesOf,
  recipeFor,
  recipesInUse,
  RESULT_METADATA,
  type BatchState,
  type Recipe,
  type RecipeInUse,
} from "@darkroom/core";
import { MOST_ROUNDS, type BatchRecord, type Order } from "@darkroom/ledger";
import { beginRound, checkPrice } from "../batches/begin-round.ts";
import { ShownPictures } from "../portraits/shown-pictures.ts";
import type { Services } from "../services.ts";
import { withReview } from "./review-results.ts";

/** Limit of portraits in one order: one line of the log. */
export const MOST_REDONE = 500;

/** A user's order to replace results. */
export interface GivenRedo {
  readonly note: string;
  readonly by: string;
  /** See `WantedReview`. */
  readonly revision: number | undefined;
  readonly indexes: readonly number[];
}

/** States in which a round may begin; see `begin-round.lua`. */
const OPEN: readonly BatchState[] = ["running", "paused", "completed", "completed_with_failures"];

/** Portraits that share a recipe. */
interface RedoGroup {
  readonly inUse: RecipeInUse;
  readonly recipe: Recipe;
  readonly indexes: readonly number[];
}

/** The expected effect of an order to replace results. */
export interface RedoPlan {
  readonly groups: readonly RedoGroup[];
  /** In USD; undefined if the batch's price table lacks a price. */
  readonly costUsd: number | undefined;
}

/**
 * Plans an order to replace results. Pays for nothing.
 *
 * @throws DarkroomError `conflict` for a portrait without a result of this batch, a batch that cannot be reopened, and
 * a budget that the order would exceed; `invalid_input` for a recipe without a price in a batch with a budget
 */
export async function planRedo(services: Services, record: BatchRecord, given: GivenRedo): Promise<RedoPlan> {
  const { spec, rounds } = record;
  if (record.cancelled) {
    throw new DarkroomError("conflict", "This batch was stopped. Continue it with a retry first, then redo results.");
  }
  if (!OPEN.includes(record.state)) {
    const state = record.state.replaceAll("_", " ");
    throw new DarkroomError("conflict", `Results of a batch that is ${state} cannot be redone now.`);
  }
  if (record.reopening !== undefined) {
    throw new DarkroomError("conflict", "An earlier order is still being carried out. Ask again in a moment.", {
      retryable: true,
    });
  }
  const inUse = recipesInUse(spec.recipe, rounds);
  const before = rounds.filter(({ codes, recipe }) => codes.length > 0 && recipe.redo?.note === given.note).length;
  const redo = { note: given.note, times: before + 1 };
  const found = await Promise.all(given.indexes.map((index) => lookAt(services, record, index)));
  const groups = inUse
    .map((each) => ({
      inUse: each,
      recipe: { ...each.recipe, redo },
      portraits: found.filter(({ round }) => each.rounds.includes(round)),
    }))
    .filter(({ portraits }) => portraits.length > 0);
  if (rounds.length + groups.length >= MOST_ROUNDS) {
    const message = `This batch already has ${rounds.length} rounds, and ${MOST_ROUNDS} is the maximum. Submit these photos as a new batch.`;
    throw new DarkroomError("conflict", message);
  }
  for (const { recipe } of groups) checkPrice(record, recipe);
  const prices = groups.flatMap(({ recipe, portraits }) =>
    portraits.map(({ row }) => portraitPriceUsd(recipeFor(recipe, row), spec.prices)),
  );
  const known = prices.filter((price) => price !== undefined);
  const costUsd = known.length < prices.length ? undefined : known.reduce((sum, price) => sum + price, 0);
  checkBudget(record, costUsd);
  return {
    costUsd,
    groups: groups.map(({ portraits, ...group }) => ({ ...group, indexes: portraits.map(({ index }) => index) })),
  };
}

/**
 * Ends the decisions about the results and starts the rounds that replace them, or does neither. The old results remain
 * until they are replaced.
 */
export async function redoResults(
  services: Services,
  record: BatchRecord,
  { given, plan, order }: { readonly given: GivenRedo; readonly plan: RedoPlan; readonly order: Order },
): Promise<void> {
  const wished = plan.groups.map(({ recipe, inUse, indexes }) => ({
    codes: ["ok" as const],
    recipe,
    ofRounds: inUse.rounds,
    portraits: rangesOf(indexes),
  }));
  const [first, ...more] = wished;
  if (first === undefined) return;
  const { note, by, revision, indexes } = given;
  const review = { order: "redo", note, by, revision } as const;
  await withReview(services, record, { given: review, indexes }, async (planned) => {
    await beginRound(services, record, [first, ...more], { order, review: planned });
  });
}

async function lookAt(services: Services, record: BatchRecord, index: number) {
  const { spec, fence } = record;
  const [state, row, pictures] = await Promise.all([
    services.ledger.state(spec.id, index),
    services.snapshot.row(services.openStore(spec.destination.url), spec.id, index, fence),
    ShownPictures.of(services, record, index),
  ]);
  const head = state === "succeeded" ? await pictures.resultHead() : undefined;
  if (head !== undefined && !isRejected(row)) {
    return { index, row, round: Number(head.metadata[RESULT_METADATA.round] ?? 0) };
  }
  const message = `Portrait ${index} has no result of this batch that could be redone. Nothing was changed.`;
  throw new DarkroomError("conflict", message, { field: "indexes" });
}

/** Rejects an order that the budget does not cover, before anything is paid. */
function checkBudget(record: BatchRecord, costUsd: number | undefined): void {
  const { maxCostUsd, costUsd: spent, lostUsd, maybeUsd, authorizedUsd } = record;
  if (maxCostUsd === undefined || costUsd === undefined) return;
  const committed = spent + lostUsd + maybeUsd + authorizedUsd;
  // Sums of micro-USD have rounding errors of floating point.
  if (committed + costUsd <= maxCostUsd + 1e-9) return;
  const sum = Math.round((committed + costUsd) * 1e6) / 1e6;
  throw new DarkroomError(
    "conflict",
    `This would cost ${Math.round(costUsd * 1e6) / 1e6} USD more, ${sum} USD in all, and the batch's budget is ${maxCostUsd} USD. Raise it first: resume with maxCostUsd. Nothing was changed.`,
    { field: "maxCostUsd" },
  );
}
