import { isBatchId, isEnded, reviewCounts, type BatchStatus, type ReviewStatus } from "@darkroom/core";
import type { Lane } from "@darkroom/lanes";
import {
  batchBlock,
  batchStatus,
  NOTHING_SEEN,
  unattended,
  unmetNeedsOf,
  waitedLane,
  type BatchRecord,
} from "@darkroom/ledger";
import type { Services } from "../services.ts";
import { noSuchBatch } from "./no-such-batch.ts";

/**
 * Reads a batch's record.
 *
 * @throws DarkroomError `not_found`
 */
export async function readBatch(services: Pick<Services, "ledger">, id: string): Promise<BatchRecord> {
  const record = isBatchId(id) ? await services.ledger.read(id) : undefined;
  if (record === undefined) {
    throw noSuchBatch();
  }
  return record;
}

/** Returns users' decisions about a batch's results. */
export function reviewOfBatch({ review, counts }: Pick<BatchRecord, "review" | "counts">): ReviewStatus {
  return { revision: review.revision, ...reviewCounts(counts, review) };
}

type Surroundings = Pick<Services, "attendance" | "destinations" | "gate" | "laneLimits"> & {
  readonly lane: (name: string) => Pick<Lane, "blocked">;
};

/**
 * Reads the inputs of a batch's status that are not in its record: lane and destination blocks, present processes and
 * the lane's hold.
 */
export async function lookAtBatch(
  { lane: laneOf, laneLimits, gate, attendance, destinations }: Surroundings,
  record: BatchRecord,
) {
  const lane = waitedLane(record);
  const [laneBlocked, destinationsBlocked, nobody, limits] = await Promise.all([
    laneOf(lane).blocked(),
    destinations.read(),
    unattended(record, lane, (post, isEnough) => attendance.at(post, isEnough)),
    gate(lane).state(),
  ]);
  const blocked = batchBlock(record, laneBlocked, destinationsBlocked);
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
