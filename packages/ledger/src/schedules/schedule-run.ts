import { isEnded, settledCount, protocolMs } from "@darkroom/core";
import type { BatchRecord } from "../batch/batch-record.ts";
import type { Ledger } from "../ledger.ts";
import type { Schedule } from "./schedules.ts";

/**
 * A claim without a batch is void after this time, because its producer has died. Longer than the creation of a batch
 * takes. As its last check, a slow producer verifies that its claim was not replaced; if it was, the producer creates
 * nothing.
 */
export const CLAIM_VOID_MS = protocolMs(120_000);

/** An occurrence that prevents its schedule from starting another occurrence. */
export interface CurrentRun {
  readonly batchId: string;
  /** `starting`: the batch is being created, and cannot be read yet. */
  readonly stage: "starting" | "running";
}

/** Identifies a tick by its id and the id of its batch. */
export interface TickMark {
  readonly id?: string | undefined;
  readonly batchId?: string | undefined;
}

/**
 * Returns the occurrence that blocks a schedule: a claimed one, or an active batch of the schedule, including one
 * restored to the ledger after the schedule was recreated.
 *
 * @param nowMs epoch ms
 * @param tick the current tick, whose own claim does not block it, whether its process died or stalled, or the tick
 *   carries out a user's request
 */
export async function currentRun(
  ledger: Pick<Ledger, "read" | "activeBatches">,
  schedule: Pick<Schedule, "id" | "claim">,
  nowMs: number,
  tick: TickMark = {},
): Promise<CurrentRun | undefined> {
  const { claim } = schedule;
  if (claim !== undefined) {
    const record = await ledger.read(claim.batchId);
    if (record !== undefined && holdsUp(record)) return { batchId: claim.batchId, stage: "running" };
    const isOwn = (tick.id !== undefined && tick.id === claim.tick) || tick.batchId === claim.batchId;
    if (record === undefined && !isOwn && nowMs - claim.at <= CLAIM_VOID_MS) {
      return { batchId: claim.batchId, stage: "starting" };
    }
  }
  for (const id of await ledger.activeBatches()) {
    const record = await ledger.read(id);
    if (record?.spec.schedule?.id === schedule.id && holdsUp(record)) return { batchId: id, stage: "running" };
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
export function describeCurrentRun({ batchId, stage }: CurrentRun): string {
  return `batch ${batchId} of this schedule ${stage === "starting" ? "is being started" : "has not ended"}`;
}
