import { isEnded } from "@darkroom/core";
import type { BatchRecord } from "../batch/batch-record.ts";
import { costOfBatch, reasonOfBatch } from "../batch/batch-status.ts";
import type { ScheduleRun } from "./schedule.ts";

/** True if the occurrence created this batch; false if the batch blocked it. */
export function isOwnBatch({ batchId, outcome }: ScheduleRun): boolean {
  if (batchId === undefined) return false;
  return outcome !== "queued" && outcome !== "missed" && outcome !== "skipped_overlap" && outcome !== "skipped_paused";
}

/**
 * Returns an occurrence with its batch's current state, findings, counts, cost and message. If the batch is forgotten,
 * returns the values recorded at its end.
 */
export function runOfBatch(run: ScheduleRun, record: BatchRecord | undefined): ScheduleRun {
  if (record === undefined || !isOwnBatch(run)) return run;
  const message = reasonOfBatch(record);
  const { counts, findings } = record;
  return {
    at: run.at,
    batchId: record.spec.id,
    outcome: record.state,
    ...(message === undefined ? {} : { message }),
    ...(run.covers === undefined ? {} : { covers: run.covers }),
    found: {
      portraits: counts.total,
      unchanged: findings?.unchanged ?? 0,
      leftOut: (findings?.leftOut ?? []).reduce((sum, { count }) => sum + count, 0),
    },
    did: {
      succeeded: counts.succeeded,
      skipped: counts.skipped,
      failed: counts.failed,
      cancelled: counts.cancelled,
    },
    cost: { costUsd: costOfBatch(record), lostUsd: record.lostUsd, maybeUsd: record.maybeUsd },
  };
}

/** True if an occurrence succeeded, false if it failed; undefined while it is running, or if a user paused it. */
export function wasGoodRun({ outcome }: ScheduleRun): boolean | undefined {
  if (outcome === "completed") return true;
  if (outcome === "skipped_overlap" || outcome === "missed" || outcome === "failed") return false;
  if (outcome === "started" || outcome === "queued" || outcome === "skipped_paused") return undefined;
  return isEnded(outcome) ? false : undefined;
}
