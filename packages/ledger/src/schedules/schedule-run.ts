import { isEnded, settledCount, protocolMs } from "@darkroom/core";
import type { BatchRecord } from "../batch/batch-record.ts";
import type { Ledger } from "../ledger.ts";
import type { Schedule } from "./schedules.ts";

/**
 * A claim whose batch is not there after this is void: its producer has died. Longer than a batch takes to be made; a
 * producer that was only slow finds at the last moment that the claim is another's, and makes nothing.
 */
export const CLAIM_VOID_MS = protocolMs(120_000);

/** A run of a schedule that keeps it from starting another one. */
export interface CurrentRun {
  readonly batchId: string;
  /** `starting`: the batch is being made, and cannot be read yet. */
  readonly stage: "starting" | "running";
}

/** What a tick is told by: its id, and the id that its batch is to have. */
export interface TickMark {
  readonly id?: string | undefined;
  readonly batchId?: string | undefined;
}

/**
 * What a schedule is at: the run that is claimed, or a batch of it that has not ended, also one that was put back into
 * the ledger after the schedule was made anew.
 *
 * @param nowMs epoch ms
 * @param tick that asks: its own claim holds nothing up, be it of a process that died or froze before it made the batch,
 *   or of the order that the tick carries out
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
 * Whether a batch keeps its schedule from starting another one. One whose portraits have all ended and whose report cannot
 * be written does not: what it delivered is known, and nobody may come for its report.
 */
function holdsUp({ state, counts, stalls }: BatchRecord): boolean {
  if (isEnded(state)) return false;
  const isStuck = state === "finishing" && stalls.some(({ duty }) => duty === "finish");
  return !isStuck || settledCount(counts) < counts.total;
}

/** Says why a schedule starts nothing at present. */
export function describeCurrentRun({ batchId, stage }: CurrentRun): string {
  return `batch ${batchId} of this schedule ${stage === "starting" ? "is being started" : "has not ended"}`;
}
