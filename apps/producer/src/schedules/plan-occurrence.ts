import type { Due, QueuedOccurrence, Schedule } from "@darkroom/ledger";

/** The next action of a schedule. */
export type Plan =
  | { readonly kind: "none" }
  /** Treats the present as the last handled due time, because the recorded one is far in the future. */
  | { readonly kind: "reset" }
  /** `start`: claims the occurrence. `skip`, `miss`: records it. `queue`: queues it behind the current batch. */
  | { readonly kind: "start" | "skip" | "miss" | "queue"; readonly occurrence: QueuedOccurrence }
  /** The occurrence waits already, and the current batch must be cancelled for it. */
  | { readonly kind: "cancel" };

/**
 * Decides a schedule's next action. Several past due times become one occurrence.
 *
 * @param due the due times to handle, if any
 * @param isBusy true if a batch of the schedule has not ended
 */
export function planOccurrence(
  { queued, paused, overlap = "skip", missed = "skip" }: Pick<Schedule, "queued" | "paused" | "overlap" | "missed">,
  due: Due | undefined,
  isBusy: boolean,
): Plan {
  if (paused !== undefined) return { kind: "none" };
  if (due !== undefined && due.count === 0) return { kind: "reset" };
  if (due !== undefined) {
    const { dueMs, count } = due;
    if (due.isMissed && missed === "skip") return { kind: "miss", occurrence: { dueMs, covers: count } };
    if (isBusy && overlap === "skip") return { kind: "skip", occurrence: { dueMs, covers: count } };
    return { kind: isBusy ? "queue" : "start", occurrence: { dueMs, covers: count + (queued?.covers ?? 0) } };
  }
  if (queued === undefined) return { kind: "none" };
  if (!isBusy) return { kind: "start", occurrence: queued };
  return { kind: overlap === "cancel-running" ? "cancel" : "none" };
}
