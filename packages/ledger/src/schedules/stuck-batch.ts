import { isEnded, STUCK_REASONS, WAIT_ENDS, type Blocked, type BlockedDestination } from "@darkroom/core";
import { batchBlock, waitedLane } from "../batch/batch-block.ts";
import type { BatchRecord } from "../batch/batch-record.ts";
import { unmetNeedsOf } from "../batch/batch-status.ts";
import { batchWait } from "../batch/batch-waiting.ts";
import { unattended, type LookAt } from "../batch/unattended.ts";
import type { Schedule, StuckBatch } from "./schedule.ts";

/** The places, apart from the batch, where its obstacles are recorded. */
export interface Obstacles {
  readonly lane: (name: string) => { blocked(): Promise<(Blocked & { readonly probeAt: number }) | undefined> };
  readonly destinations: { read(): Promise<readonly BlockedDestination[]> };
  readonly attendance: { readonly at: LookAt };
  readonly laneLimits: (lane: string) => { readonly concurrency: number };
}

/** Returns why a batch makes no progress until someone acts; undefined if it progresses or has ended. */
export async function stuckBatch(
  { lane: laneOf, destinations, attendance, laneLimits }: Obstacles,
  record: BatchRecord,
  nowMs: number,
): Promise<StuckBatch | undefined> {
  if (isEnded(record.state)) return undefined;
  const batchId = record.spec.id;
  const lane = waitedLane(record);
  const [laneBlocked, blockedDestinations, missing] = await Promise.all([
    laneOf(lane).blocked(),
    destinations.read(),
    unattended(record, lane, (post, isEnough) => attendance.at(post, isEnough)),
  ]);
  const { reason, message } = batchWait(record, {
    blocked: batchBlock(record, laneBlocked, blockedDestinations),
    held: undefined,
    concurrency: laneLimits(lane).concurrency,
    isUnattended: missing !== undefined,
    unmetNeeds: unmetNeedsOf(missing),
    nowMs,
  });
  const [stall] = record.stalls;
  const found = [
    // A finishing batch that waits for its report is making progress unless a duty fails.
    ...(reason === "report" ? [] : [{ reason, message: message ?? missing?.message }]),
    ...(stall === undefined ? [] : [{ reason: stall.reason, message: stall.message }]),
  ];
  for (const each of found) {
    const known = STUCK_REASONS.find((stuck) => stuck === each.reason);
    if (known === undefined) continue;
    return { batchId, reason: known, message: each.message ?? `it waits until ${WAIT_ENDS[known]}` };
  }
  return undefined;
}

/** Returns the batch that a schedule waits for, if it has one; it may have ended. */
export function batchInTheWay({ claim, lastRun }: Pick<Schedule, "claim" | "lastRun">): string | undefined {
  return lastRun?.outcome === "skipped_overlap" || lastRun?.outcome === "queued" ? lastRun.batchId : claim?.batchId;
}
