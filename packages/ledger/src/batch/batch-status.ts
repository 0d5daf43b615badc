import {
  type BatchState,
  type BatchStatus,
  type FallbackStatus,
  MICRO,
  PRICE_KINDS,
  type Recipe,
  type Unattended,
  dearestOfBatchUsd,
  isEnded,
  latestRecipe,
  portraitPriceUsd,
  recipeOfKind,
  recipeOfRound,
  recipeSummary,
  reviewCounts,
  settledCount,
} from "@darkroom/core";
import { rowsRead, type BatchRecord } from "./batch-record.ts";
import { batchWait, batchWaiting, type WaitingContext } from "./batch-waiting.ts";
import { observedRate, timeLeft } from "./time-left.ts";

/** Inputs of a status page, in addition to the ledger's record. */
export interface StatusContext extends Omit<WaitingContext, "isUnattended"> {
  readonly unattended: Unattended | undefined;
  /** URL of the report, once it exists. */
  readonly report: string | undefined;
}

/** Set for an ended batch, which no longer depends on other components. */
export const NOTHING_SEEN = {
  blocked: undefined,
  unattended: undefined,
  held: undefined,
  waits: [],
  concurrency: Infinity,
} as const;

/** Returns why the running processes cannot handle a batch; undefined if there are no processes, or one of them can. */
export function unmetNeedsOf(unattended: Unattended | undefined): string | undefined {
  return unattended === undefined || unattended.lacks.length === 0 ? undefined : unattended.message;
}

/** Returns the reason for a batch's pause or end, if known. */
export function reasonOfBatch({
  reason,
  sourceFault,
  sourceNote,
}: Pick<BatchRecord, "reason" | "sourceFault" | "sourceNote">): string | undefined {
  return reason ?? sourceFault ?? sourceNote;
}

/** States in which portraits start. In any other state, the observed rate only decreases. */
const MOVING: readonly BatchState[] = ["ingesting", "running"];

/** Builds a batch's status page. */
export function batchStatus(record: BatchRecord, context: StatusContext): BatchStatus {
  const { blocked, unattended, report, nowMs } = context;
  const { spec, counts, state } = record;
  const ended = isEnded(state);
  const look = { ...context, isUnattended: unattended !== undefined, unmetNeeds: unmetNeedsOf(unattended) };
  const waiting = ended ? [] : batchWaiting(record, look);
  const wait = MOVING.includes(state) ? batchWait(record, look).reason : undefined;
  const moves = wait === "turn";
  const left =
    moves && record.ingested && record.pilot === undefined ? timeLeft(counts, record.samples, nowMs) : undefined;
  return {
    id: spec.id,
    name: spec.name ?? null,
    schedule: spec.schedule?.id ?? null,
    state,
    cancelling: record.cancelled && !ended,
    revision: record.revision,
    lane: spec.lane,
    source: spec.source.url,
    recipe: recipeSummary(spec.recipe),
    destination: spec.destination.url,
    createdAt: spec.createdAt,
    endedAt: record.endedAt === undefined ? null : new Date(record.endedAt).toISOString(),
    ingested: record.ingested,
    counts,
    failures: record.failures,
    costUsd: costOfBatch(record),
    unstored: record.unstored,
    lostUsd: record.lostUsd,
    maybeUsd: record.maybeUsd,
    estimatedCostUsd: estimatedCost(record),
    portraitUsd: dearestOfBatchUsd(spec, latestRecipe(spec.recipe, record.rounds), rowsRead(record)) ?? null,
    maxCostUsd: record.maxCostUsd ?? null,
    maybeBilled: record.maybeBilled,
    // A batch at its provider's rate limit makes progress. Any other wait stops the batch.
    ratePerSecond: moves || wait === "rate_limit" ? ratePerSecond(record, nowMs) : null,
    secondsLeft: left ?? null,
    blocked: ended ? null : (blocked ?? null),
    unattended: unattended ?? null,
    waiting,
    fallback: fallbackStatus(record),
    pausedBy: record.pausedBy ?? null,
    pilot: record.pilot ?? null,
    deadline: spec.control?.deadline ?? null,
    rounds: record.rounds.map(({ number, at, codes, opened }) => ({
      number,
      at: new Date(at).toISOString(),
      codes,
      opened,
    })),
    reason: reasonOfBatch(record) ?? null,
    report: report ?? null,
    leftOut: record.findings?.leftOut ?? [],
    consistency: record.consistency ?? null,
    likeness: record.likeness ?? null,
    leftBehind: record.leftBehind,
    review: { revision: record.review.revision, ...reviewCounts(counts, record.review) },
    lastEvent: record.lastEvent ?? null,
  };
}

/** Returns what a batch has cost so far, including portraits that are paid and have not ended, in USD. */
export function costOfBatch({ costUsd, unstored }: Pick<BatchRecord, "costUsd" | "unstored">): number {
  return toMicro(costUsd + unstored.usd);
}

/** Sums whole micro-USD, without rounding errors of fractions. */
function toMicro(usd: number): number {
  return Math.round(usd * MICRO) / MICRO;
}

function fallbackStatus({ spec, divertedAt }: BatchRecord): FallbackStatus | null {
  const { fallback } = spec.control ?? {};
  if (fallback === undefined) return null;
  const { lane, afterMinutes } = fallback;
  return { lane, afterMinutes, since: divertedAt === undefined ? null : new Date(divertedAt).toISOString() };
}

function estimatedCost(record: BatchRecord): number | null {
  const { spec, divertedAt, counts, costUsd, lostUsd, rounds, baseRound } = record;
  const fallback = divertedAt === undefined ? undefined : spec.control?.fallback?.provider;
  let left = counts.total - settledCount(counts);
  let sum = costUsd + lostUsd;
  // The portraits that a round has already ended are unknown, so the remaining portraits are assumed to belong to the
  // latest rounds.
  const later = rounds.filter(({ number, opened }) => number > baseRound && opened > 0).toReversed();
  for (const { number, opened } of [...later, { number: baseRound, opened: Infinity }]) {
    const recipe = recipeOfRound(spec.recipe, rounds, number);
    const price = meanPriceUsd(record, { ...recipe, provider: fallback ?? recipe.provider });
    if (price === undefined) return null;
    sum += Math.min(left, opened) * price;
    left -= Math.min(left, opened);
  }
  return Math.round(sum * 10_000) / 10_000;
}

/** Returns the average price of a row. The rows of a manifest may have their own mode or prompt. */
function meanPriceUsd({ spec, counts, failures, kinds }: BatchRecord, recipe: Recipe): number | undefined {
  const { prices } = spec;
  const good = counts.total - (failures["invalid_row"] ?? 0);
  const own = PRICE_KINDS.map((kind) => [recipeOfKind(recipe, kind), kinds[kind] ?? 0] as const);
  const alike = good - own.reduce((sum, [, count]) => sum + count, 0);
  let sum = 0;
  for (const [priced, count] of [...own, [recipe, Math.max(0, alike)] as const]) {
    const each = portraitPriceUsd(priced, prices);
    if (count > 0 && each === undefined) return undefined;
    sum += count * (each ?? 0);
  }
  return good <= 0 ? portraitPriceUsd(recipe, prices) : sum / good;
}

function ratePerSecond({ counts, samples }: BatchRecord, nowMs: number): number | null {
  const rate = observedRate(samples, settledCount(counts), 0, nowMs);
  return rate === undefined ? null : Math.round(rate.perSecond * 100) / 100;
}
