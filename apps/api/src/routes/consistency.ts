import { text } from "node:stream/consumers";
import { consistencyFileSchema } from "@darkroom/core";
import { answer } from "../http/answer.ts";
import { batchParams } from "../batches/batch-schemas.ts";
import { problems } from "../http/problem.ts";
import { openReport } from "../batches/report-file.ts";
import { named } from "../http/schema-names.ts";
import type { ApiServer } from "../services.ts";

const consistencySchema = named("Consistency", consistencyFileSchema);

/** The route for the consistency of a batch's portraits. */
export async function consistencyRoute(app: ApiServer): Promise<void> {
  app.get(
    "/batches/:id/consistency",
    {
      config: { scope: "read" },
      schema: {
        operationId: "getConsistency",
        summary: "How consistent its portraits are and which stand out, once the batch has ended",
        tags: ["reports"],
        params: batchParams,
        response: { 200: answer("The comparison", consistencySchema), ...problems(401, 404, 409, 503) },
      },
    },
    async (request) => {
      const { body } = await openReport(app.services, request.params.id, "consistency");
      return consistencyFileSchema.parse(JSON.parse(await text(body)));
    },
  );
}
