import { DarkroomError, isBatchId, isEnded, type BatchStatus } from "@darkroom/core";
import { batchStatus, type BatchRecord } from "@darkroom/ledger";
import type { Services } from "./services.ts";

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

/** A record as the world sees it; one more read, of the lane's blocked key, where the batch still runs. */
export async function viewBatch(
  services: Pick<Services, "lane" | "prices">,
  record: BatchRecord,
): Promise<BatchStatus> {
  const ended = isEnded(record.state);
  const blocked = ended ? undefined : await services.lane(record.spec.lane).blocked();
  const report = ended ? `/v1/batches/${record.spec.id}/report.csv` : undefined;
  return batchStatus(record, { blocked, report, prices: services.prices, nowMs: Date.now() });
}
