import { DarkroomError } from "@darkroom/core";
import { batchParams, queryInt } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import { historySchema } from "../portraits/history-schema.ts";
import { portraitHistory } from "../portraits/portrait-history.ts";
import type { ApiServer } from "../services.ts";

const MAX_INDEX = 2 ** 40;

/** The route for what happened to one portrait. */
export async function portraitHistoryRoute(app: ApiServer): Promise<void> {
  app.get(
    "/batches/:id/portraits/:index/history",
    {
      config: { scope: "read" },
      schema: {
        operationId: "getPortraitHistory",
        summary: "Get what happened to a portrait, with links to its pictures",
        description: "Reads every report part of the batch. The links expire after 15 minutes.",
        tags: ["portraits"],
        params: batchParams.extend({ index: queryInt(0, MAX_INDEX) }),
        response: { 200: answer("Its history", historySchema), ...problems(400, 401, 404, 503) },
      },
    },
    async ({ params: { id, index } }, reply) => {
      const record = await readBatch(app.services, id);
      const { total } = record.counts;
      if (index >= total) {
        throw new DarkroomError("not_found", `This batch has no portrait ${index}; it has ${total} so far.`);
      }
      void reply.header("cache-control", "no-store");
      return await portraitHistory(app.services, record, index);
    },
  );
}
