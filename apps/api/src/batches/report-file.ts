import { batchKeys, DarkroomError, isDarkroomError, isEnded, settledCount, type GetResult } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { readBatch } from "./batch-view.ts";
import type { Services } from "../services.ts";

/**
 * Opens a report file of an ended batch in the object store.
 *
 * @throws DarkroomError `conflict` before the batch has ended, `storage_not_found` when the file is missing
 */
export async function openReport(
  services: Pick<Services, "ledger" | "openStore">,
  id: string,
  key: "reportCsv" | "reportJsonl" | "failuresCsv" | "consistency",
): Promise<GetResult & { readonly record: BatchRecord }> {
  const record = await readBatch(services, id);
  if (!isEnded(record.state)) throw tooEarly(record);
  try {
    const found = await services.openStore(record.spec.destination.url).get(batchKeys(record.spec.id)[key]);
    return { ...found, record };
  } catch (error) {
    throw isDarkroomError(error, "storage_not_found") ? noReport(record, error) : error;
  }
}

function tooEarly(record: BatchRecord): DarkroomError {
  const { total } = record.counts;
  return new DarkroomError(
    "conflict",
    `The report is written when the batch has ended; it is ${record.state}, with ${settledCount(record.counts)} of ${total} portraits done. Ask again then; until then: darkroom portraits ${record.spec.id} (GET /v1/batches/${record.spec.id}/portraits).`,
    { retryable: true },
  );
}

function noReport(record: BatchRecord, cause: unknown): DarkroomError {
  const why =
    record.state === "failed" ? "the batch failed before it was written" : "it is no longer at the destination";
  return new DarkroomError("storage_not_found", `There is no report: ${why}.`, { cause });
}
