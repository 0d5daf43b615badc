import { z } from "zod";
import { batchParams } from "../batches/batch-schemas.ts";
import { readBatch, viewBatch } from "../batches/batch-view.ts";
import { feedPosition, feedQuery } from "../feed/feed-position.ts";
import { EventStream } from "../http/event-stream.ts";
import { problems } from "../http/problem.ts";
import type { ApiServer } from "../services.ts";

const DESCRIPTION = `Server-sent events. First \`batch\` (a BatchStatus); then

- the events of the batch's feed, with an \`id\`: see \`GET /v1/events\`. \`Last-Event-ID\` or \`?after=\` continues after one of
  them; the ids of the two streams differ;
- \`batch\` when the batch has changed, at most twice a second;
- \`portrait-start\` \`{index}\`, \`portrait-progress\` \`{index, message, percent?}\`, \`portrait-retry\` \`{index, message, delayMs}\`,
  \`portrait-end\` \`{index, outcome, message}\`; slow readers miss some of these;
- \`batch-diverted\` \`{lane}\` when its fallback takes over;
- \`lane-blocked\` \`{lane, reason, message}\` and \`lane-unblocked\` \`{lane}\` when its provider account is blocked and unblocked;
- \`destination-blocked\` \`{destination, folder, reason, message}\` and \`destination-unblocked\` \`{destination, folder}\` when its
  destination, or a folder of it, stops and resumes accepting results;
- \`batch-end\` (a BatchStatus) when the batch has ended; the stream closes after it. With \`ended=keep\`, the stream
  stays open instead, for decisions about the results and for retries.`;

const batchEventsQuery = feedQuery.extend({
  ended: z.enum(["close", "keep"]).optional().describe("Behaviour of the stream when the batch ends. Default: close."),
});

/** Routes for live events of a batch. */
export async function batchEventRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/batches/:id/events",
    {
      config: { scope: "read" },
      schema: {
        operationId: "watchBatch",
        summary: "Stream a batch's events",
        description: DESCRIPTION,
        tags: ["batches"],
        params: batchParams,
        querystring: batchEventsQuery,
        response: {
          200: { description: "The events", content: { "text/event-stream": { schema: z.string() } } },
          ...problems(400, 401, 404, 503),
        },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const after = feedPosition(request, request.query);
      const status = await viewBatch(services, await readBatch(services, request.params.id));
      reply.hijack();
      const stream = new EventStream(reply.raw, { "x-request-id": request.id });
      const { follow, ended } = request.query;
      services.live.watch(status, stream, { after, follow: follow !== "false", keepsEnded: ended === "keep" });
    },
  );
}
