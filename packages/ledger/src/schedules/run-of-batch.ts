import { isEnded } from "@darkroom/core";
import type { BatchRecord } from "../batch/batch-record.ts";
import { reasonOfBatch } from "../batch/batch-status.ts";
import type { ScheduleRun } from "./schedules.ts";

/**
 * A run with what its batch says of it: its state at present, what it found, and its words. What was noted at the batch's
 * end counts where the batch is forgotten.
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

/** Whether a run did what it was to do; undefined while it goes on. */
export function wasGoodRun({ outcome }: ScheduleRun): boolean | undefined {
  if (outcome === "completed") return true;
  if (outcome === "skipped_overlap" || outcome === "failed") return false;
  return outcome !== "started" && isEnded(outcome) ? false : undefined;
}
