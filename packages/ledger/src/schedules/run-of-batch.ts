import { isEnded } from "@darkroom/core";
import type { BatchRecord } from "../batch/batch-record.ts";
import { reasonOfBatch } from "../batch/batch-status.ts";
import type { ScheduleRun } from "./schedules.ts";

/**
 * Returns an occurrence with its batch's current state, findings and message. If the batch is forgotten, uses the
 * values recorded at its end.
 */
export function runOfBatch(run: ScheduleRun, record: BatchRecord | undefined): ScheduleRun {
  if (record === undefined || run.outcome === "skipped_overlap") return run;
  const message = reasonOfBatch(record);
  return {
    at: run.at,
    batchId: record.spec.id,
    outcome: record.state,
    ...(message === undefined ? {} : { message }),
    found: {
      portraits: record.counts.total,
      unchanged: record.findings?.unchanged ?? 0,
      failed: record.counts.failed,
    },
  };
}

/** True if an occurrence succeeded, false if it failed; undefined while it is running. */
export function wasGoodRun({ outcome }: ScheduleRun): boolean | undefined {
  if (outcome === "completed") return true;
  if (outcome === "skipped_overlap" || outcome === "failed") return false;
  return outcome !== "started" && isEnded(outcome) ? false : undefined;
}
