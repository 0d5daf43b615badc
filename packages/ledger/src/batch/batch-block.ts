import { blockOf, type Blocked, type BlockedBatch, type BlockedDestination } from "@darkroom/core";
import type { BatchRecord } from "./batch-record.ts";

/** A blocked lane with the time of its next probe (epoch ms). */
interface ProbedBlock extends Blocked {
  readonly probeAt: number;
}

/**
 * Returns the block that stops all results of a batch: of its destination, or of its lane. A blocked folder is reported
 * as a wait reason of portraits instead.
 *
 * @param lane the block of the lane that {@link waitedLane} returns
 */
export function batchBlock(
  { spec }: Pick<BatchRecord, "spec">,
  lane: ProbedBlock | undefined,
  destinations: readonly BlockedDestination[],
): BlockedBatch | undefined {
  const found = blockOf(destinations, spec);
  if (found !== undefined) {
    const { reason, since, message, nextLookAt } = found;
    return { what: "destination", reason, since, message, nextLookAt: new Date(nextLookAt).toISOString() };
  }
  if (lane === undefined) return undefined;
  const { reason, since, message, probeAt } = lane;
  return { what: "lane", reason, since, message, nextLookAt: new Date(probeAt).toISOString() };
}

/**
 * Returns the lane that the batch waits for: the current lane, or the primary lane if a failover left only portraits of
 * the primary lane.
 */
export function waitedLane({ spec, lane, counts }: Pick<BatchRecord, "spec" | "lane" | "counts">): string {
  return counts.pending + counts.queued + counts.running === 0 && counts.retrying > 0 ? spec.lane : lane;
}
