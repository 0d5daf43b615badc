import { z } from "zod";
import { batchKeys, DarkroomError, isDarkroomError, isEnded, settledCount } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { batchParams } from "../batch-schemas.ts";
import { readBatch } from "../batch-view.ts";
import { problems } from "../problem.ts";
import type { ApiServer } from "../services.ts";

const REPORTS = [
  { file: "report.csv", key: "reportCsv", type: "text/csv", id: "getReportCsv", what: "A line for each portrait" },
  {
    file: "report.jsonl",
    key: "reportJsonl",
    type: "application/x-ndjson",
    id: "getReportJsonl",
    what: "The same as JSON lines",
  },
  {
    file: "failures.csv",
    key: "failuresCsv",
    type: "text/csv",
    id: "getFailuresCsv",
    what: "A line for each failed portrait",
  },
] as const;

/** A body that is passed on as it comes. */
const streamSchema = z.unknown().meta({ type: "string" });

/** What a batch leaves behind, straight from the object store. */
export async function reportRoutes(app: ApiServer): Promise<void> {
  for (const { file, key, type, id, what } of REPORTS) {
    app.get(
      `/batches/:id/${file}`,
      {
        schema: {
          operationId: id,
          summary: `${what}, once the batch has ended`,
          tags: ["reports"],
          params: batchParams,
          response: {
            200: { description: "The report", content: { [type]: { schema: streamSchema } } },
            ...problems(401, 404, 409, 503),
          },
        },
      },
      async (request, reply) => {
        const record = await readBatch(app.services, request.params.id);
        if (!isEnded(record.state)) throw tooEarly(record);
        const { id: batchId, destination } = record.spec;
        const { info, body } = await app.services
          .openStore(destination.url)
          .get(batchKeys(batchId)[key])
          .catch((error: unknown) => {
            throw isDarkroomError(error, "storage_not_found") ? noReport(record, error) : error;
          });
        return await reply
          .type(`${type}; charset=utf-8`)
          .header("content-length", info.sizeBytes)
          .header("content-disposition", `attachment; filename="${batchId}-${file}"`)
          .header("cache-control", "private, no-store")
          .send(body);
      },
    );
  }
}

function tooEarly(record: BatchRecord): DarkroomError {
  const { total } = record.counts;
  return new DarkroomError(
    "conflict",
    `The report is written when the batch has ended; it is ${record.state}, with ${settledCount(record.counts)} of ${total} portraits done. Ask again then; until then see /v1/batches/${record.spec.id}/portraits.`,
    { retryable: true },
  );
}

function noReport(record: BatchRecord, cause: unknown): DarkroomError {
  const why =
    record.state === "failed" ? "the batch failed before it had one" : "it is no longer under the destination";
  return new DarkroomError("storage_not_found", `There is no report: ${why}.`, { cause });
}
