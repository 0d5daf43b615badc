import { destinationsOverlap, isEnded, settledCount, type BatchStatus } from "@darkroom/core";
import { commandThatGoesOn } from "./waits-for-person.ts";

const AT_REST: readonly BatchStatus["state"][] = ["paused", "awaiting_approval", "awaiting_confirmation"];

/** Counts the portraits that wait for another batch with the same results. */
export function waitingForOthers({ waiting }: Pick<BatchStatus, "waiting">): number {
  return waiting.reduce((sum, { reason, count }) => (reason === "other_batch" ? sum + count : sum), 0);
}

/** True if a batch makes no progress until a user decides or starts a process. */
export function isLeft({ state, unattended }: BatchStatus): boolean {
  return !isEnded(state) && (unattended !== null || AT_REST.includes(state));
}

/** Returns active batches with an overlapping destination, which may own results that this batch waits for. */
export function overlapping(batch: BatchStatus, all: readonly BatchStatus[]): readonly BatchStatus[] {
  return all.filter(
    (other) =>
      other.id !== batch.id && !isEnded(other.state) && destinationsOverlap(other.destination, batch.destination),
  );
}

/**
 * Returns the batches that block a batch indefinitely: all remaining portraits wait for the results of other batches,
 * and all of those are stopped. Empty if any of those batches continues by itself.
 */
export function standstill(batch: BatchStatus, all: readonly BatchStatus[]): readonly BatchStatus[] {
  const { state, ingested, unattended, counts, waiting } = batch;
  if (state !== "running" || !ingested || unattended !== null) return [];
  const left = counts.total - settledCount(counts);
  if (left === 0 || waitingForOthers(batch) < left) return [];
  const others = overlapping(batch, all);
  if (!others.every(isLeft)) return [];
  // The wait message names the owning batch.
  const named = others.filter(({ id }) => waiting.some(({ message }) => message?.includes(id)));
  return named.length > 0 ? named : others;
}

/** Returns the state of a stopped batch, and the commands for it. */
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
