import {
  blockOf,
  DarkroomError,
  isBatchId,
  isEnded,
  type BatchStatus,
  type BlockedBatch,
  type BlockedDestination,
} from "@darkroom/core";
import type { BlockedLane } from "@darkroom/lanes";
import { batchStatus, NOTHING_SEEN, unmetNeedsOf, type BatchRecord } from "@darkroom/ledger";
import type { Services } from "../services.ts";
import { unattended } from "./unattended.ts";

/**
 * Reads a batch's record.
 *
 * @throws DarkroomError `not_found`
 */
export async function readBatch(services: Pick<Services, "ledger">, id: string): Promise<BatchRecord> {
  const record = isBatchId(id) ? await services.ledger.read(id) : undefined;
  if (record === undefined) {
    throw new DarkroomError(
      "not_found",
      "There is no such batch: this id was never used, the batch was removed with darkroom clean, or it ended more than 30 days ago and was deleted here. The report of an ended batch stays at its destination, unless it was deleted too.",
    );
  }
  return record;
}

type Surroundings = Pick<Services, "attendance" | "destinations" | "gate" | "lane" | "laneLimits">;

/**
 * Reads the inputs of a batch's status besides its record: lane and destination blocks, present processes and the
 * lane's hold.
 */
export async function lookAtBatch(
  { lane: laneOf, laneLimits, gate, attendance, destinations }: Surroundings,
  record: BatchRecord,
) {
  const lane = waitedFor(record);
  const [laneBlocked, destinationsBlocked, nobody, limits] = await Promise.all([
    laneOf(lane).blocked(),
    destinations.read(),
    unattended(record, lane, (post, isEnough) => attendance.at(post, isEnough)),
    gate(lane).state(),
  ]);
  const blocked = blockedDestination(record, destinationsBlocked) ?? blockedLane(laneBlocked);
  const held = limits.heldUntil === undefined ? undefined : { untilMs: limits.heldUntil, message: limits.heldFor };
  return {
    blocked,
    unattended: nobody,
    isUnattended: nobody !== undefined,
    unmetNeeds: unmetNeedsOf(nobody),
    held,
    concurrency: laneLimits(lane).concurrency,
    nowMs: limits.at,
  };
}

/** Converts a record to the API's view. For a running batch, includes its wait reasons. */
export async function viewBatch(
  services: Surroundings & Pick<Services, "ledger">,
  record: BatchRecord,
): Promise<BatchStatus> {
  if (isEnded(record.state)) {
    const report = record.hasReport ? `/v1/batches/${record.spec.id}/report.csv` : undefined;
    return batchStatus(record, { ...NOTHING_SEEN, report, nowMs: Date.now() });
  }
  const [seen, waits] = await Promise.all([lookAtBatch(services, record), services.ledger.waits.count(record.spec.id)]);
  return batchStatus(record, { ...seen, waits, report: undefined });
}

/** Returns a block that stops all results. A blocked folder is reported as a wait reason of portraits instead. */
function blockedDestination(
  { spec }: Pick<BatchRecord, "spec">,
  blocked: readonly BlockedDestination[],
): BlockedBatch | undefined {
  const found = blockOf(blocked, spec);
  if (found === undefined) return undefined;
  const { reason, since, message, nextLookAt } = found;
  return { what: "destination", reason, since, message, nextLookAt: new Date(nextLookAt).toISOString() };
}

function blockedLane(blocked: BlockedLane | undefined): BlockedBatch | undefined {
  if (blocked === undefined) return undefined;
  const { reason, since, message, probeAt } = blocked;
  return { what: "lane", reason, since, message, nextLookAt: new Date(probeAt).toISOString() };
}

/**
 * Returns the lane that the batch waits for: the current lane, or the primary lane if a failover left only portraits of
 * the primary lane.
 */
function waitedFor({ spec, lane, counts }: BatchRecord): string {
  return counts.pending + counts.queued + counts.running === 0 && counts.retrying > 0 ? spec.lane : lane;
}
