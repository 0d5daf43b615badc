import { z } from "zod";
import { batchParams } from "../batches/batch-schemas.ts";
import { checkDownloads } from "../links/check-downloads.ts";
import { problems } from "../http/problem.ts";
import { reportWithReviews } from "../reviews/report-with-reviews.ts";
import { readBatch } from "../batches/batch-view.ts";
import { openReport } from "../batches/report-file.ts";
import { zipOfResults } from "../portraits/results-zip.ts";
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

/** A body that is streamed unchanged. */
const streamSchema = z.unknown().meta({ type: "string" });

const zipQuery = z.strictObject({
  only: z.enum(["all", "approved"]).default("all").describe("`approved`: only results that are currently approved."),
});

/** Routes for a batch's reports and results, streamed from the object store. */
export async function reportRoutes(app: ApiServer): Promise<void> {
  for (const { file, key, type, id, what } of REPORTS) {
    app.get(
      `/batches/:id/${file}`,
      {
        config: { scope: "read" },
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
        const { id: batchId } = request.params;
        const { info, body, record } = await openReport(app.services, batchId, key);
        void reply
          .type(`${type}; charset=utf-8`)
          .header("content-disposition", `attachment; filename="${batchId}-${file}"`)
          .header("cache-control", "private, no-store");
        // A failed portrait has no result to review.
        if (record.review.revision > 0 && file !== "failures.csv") {
          return await reply.send(reportWithReviews(app.services, record, { body, isCsv: file === "report.csv" }));
        }
        return await reply.header("content-length", info.sizeBytes).send(body);
      },
    );
  }

  app.get(
    "/batches/:id/results.zip",
    {
      config: { scope: "read", link: true },
      schema: {
        operationId: "getResults",
        summary: "Download the results of a batch as a ZIP",
        description:
          "The results that are there now, with their crops, named as at the destination. The ZIP is streamed, so a fault in the middle ends the response early.",
        tags: ["reports"],
        params: batchParams,
        querystring: zipQuery,
        response: {
          200: { description: "The ZIP", content: { "application/zip": { schema: streamSchema } } },
          ...problems(400, 401, 404, 503),
        },
      },
    },
    async (request, reply) => {
      checkDownloads(request.caller);
      const record = await readBatch(app.services, request.params.id);
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      void reply
        .type("application/zip")
        .header("content-disposition", `attachment; filename="${record.spec.id}.zip"`)
        .header("cache-control", "private, no-store");
      return await reply.send(zipOfResults(app.services, record, request.query.only, gone.signal));
    },
  );
}
