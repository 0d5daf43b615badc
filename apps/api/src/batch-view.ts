import { DarkroomError, isBatchId, isEnded, type BatchStatus } from "@darkroom/core";
import { batchStatus, type BatchRecord } from "@darkroom/ledger";
import type { Services } from "./services.ts";
import { unattended } from "./unattended.ts";

/**
 * The ledger's record of a batch.
 *
 * @throws DarkroomError `not_found`
 */
export async function readBatch(services: Pick<Services, "ledger">, id: string): Promise<BatchRecord> {
  const record = isBatchId(id) ? await services.ledger.read(id) : undefined;
  if (record === undefined) {
    throw new DarkroomError(
      "not_found",
      "There is no such batch. Ended ones are forgotten after 30 days; their report stays under their destination.",
    );
  }
  return record;
}

/** A record as the world sees it; where the batch still runs, with a look at its lane and at who is there. */
export async function viewBatch(
  services: Pick<Services, "attendance" | "lane">,
  record: BatchRecord,
): Promise<BatchStatus> {
  const ended = isEnded(record.state);
  const lane = waitedFor(record);
  const [blocked, nobody] = ended
    ? []
    : await Promise.all([
        services.lane(lane).blocked(),
        unattended(record, lane, (post) => services.attendance.at(post)),
      ]);
  const report = ended ? `/v1/batches/${record.spec.id}/report.csv` : undefined;
  return batchStatus(record, {
    blocked,
    unattended: nobody,
    report,
    nowMs: Date.now(),
  });
}

/** The lane that does the work; in the end of a diverted batch the one that holds what its fallback could not have. */
function waitedFor({ spec, lane, counts }: BatchRecord): string {
  return counts.pending + counts.queued + counts.running === 0 && counts.retrying > 0 ? spec.lane : lane;
}
