import { destinationsOverlap, isEnded, settledCount, type BatchStatus } from "@darkroom/core";
import { commandThatGoesOn } from "./waits-for-person.ts";

const AT_REST: readonly BatchStatus["state"][] = ["paused", "awaiting_approval", "awaiting_confirmation"];

/** Portraits that wait for another batch, which owns the same results. */
export function waitingForOthers({ waiting }: Pick<BatchStatus, "waiting">): number {
  return waiting.reduce((sum, { reason, count }) => (reason === "other_batch" ? sum + count : sum), 0);
}

/** Whether nothing of a batch moves before a person says so, or works on it. */
export function isLeft({ state, unattended }: BatchStatus): boolean {
  return !isEnded(state) && (unattended !== null || AT_REST.includes(state));
}

/** The batches that have not ended and write where a batch writes: they may own results that it waits for. */
export function overlapping(batch: BatchStatus, all: readonly BatchStatus[]): readonly BatchStatus[] {
  return all.filter(
    (other) =>
      other.id !== batch.id && !isEnded(other.state) && destinationsOverlap(other.destination, batch.destination),
  );
}

/**
 * The batches that keep a batch from going on for ever: all that is left of it waits for results of others, and each batch
 * that may own these is left. Empty while anything goes on by itself.
 */
export function standstill(batch: BatchStatus, all: readonly BatchStatus[]): readonly BatchStatus[] {
  const { state, ingested, unattended, counts, waiting } = batch;
  if (state !== "running" || !ingested || unattended !== null) return [];
  const left = counts.total - settledCount(counts);
  if (left === 0 || waitingForOthers(batch) < left) return [];
  const others = overlapping(batch, all);
  if (!others.every(isLeft)) return [];
  // A portrait that waits says for which batch.
  const named = others.filter(({ id }) => waiting.some(({ message }) => message?.includes(id)));
  return named.length > 0 ? named : others;
}

/** How a batch that is left stands, and the commands for it. */
export function leftBatchText(other: BatchStatus): {
  readonly how: string;
  readonly goOn: string;
  readonly giveUp: string;
} {
  const { id, state, unattended, cancelling } = other;
  const how = AT_REST.includes(state) ? `is ${state.replaceAll("_", " ")}` : "was stopped: no process works on it";
  const goOn =
    cancelling || unattended !== null ? `darkroom watch ${id}` : (commandThatGoesOn(other) ?? `darkroom watch ${id}`);
  return { how, goOn, giveUp: `darkroom cancel ${id}` };
}
