import { isEnded, settledCount } from "@darkroom/core";
import type { BatchRecord } from "../batch/batch-record.ts";
import type { Ledger } from "../ledger.ts";
import type { Schedule } from "./schedule.ts";

/** An occurrence that prevents its schedule from starting another occurrence. */
export interface CurrentRun {
  readonly batchId: string;
  /** The batch; absent until it exists. */
  readonly record?: BatchRecord;
}

/**
 * Returns the occurrence that blocks a schedule: a claimed one, or an active batch of the schedule, including one
 * restored to the ledger after the schedule was recreated.
 */
export async function currentRun(
  ledger: Pick<Ledger, "read" | "activeBatches">,
  { id: schedule, claim }: Pick<Schedule, "id" | "claim">,
): Promise<CurrentRun | undefined> {
  if (claim !== undefined) {
    const { batchId } = claim;
    const record = await ledger.read(batchId);
    if (record === undefined && claim.isStarted !== true) return { batchId };
    if (record !== undefined && holdsUp(record)) return { batchId, record };
  }
  for (const batchId of await ledger.activeBatches()) {
    const record = await ledger.read(batchId);
    if (record?.spec.schedule?.id === schedule && holdsUp(record)) return { batchId, record };
  }
  return undefined;
}

/**
 * True if a batch prevents its schedule from starting another batch. False if all portraits have ended and the report
 * cannot be written, because the deliveries are known and the report may never become writable.
 */
function holdsUp({ state, counts, stalls }: BatchRecord): boolean {
  if (isEnded(state)) return false;
  const isStuck = state === "finishing" && stalls.some(({ duty }) => duty === "finish");
  return !isStuck || settledCount(counts) < counts.total;
}

/** Explains why a schedule starts no batch now. */
export function describeCurrentRun({ batchId, record }: CurrentRun): string {
  return `batch ${batchId} of this schedule ${record === undefined ? "is being started" : "has not ended"}`;
}
