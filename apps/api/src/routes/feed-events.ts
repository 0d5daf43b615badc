import { ownTenant } from "../access/caller.ts";
import { feedEventSchema } from "@darkroom/core";
import { feedPosition, feedQuery } from "../feed/feed-position.ts";
import { EventStream } from "../http/event-stream.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import type { ApiServer } from "../services.ts";

const DESCRIPTION = `Server-sent events: what happens to all batches of the key's tenant, in order for each batch. The \`event\` is the type, the
\`data\` a FeedEvent. A reader that sends its last \`id\` as \`Last-Event-ID\` (or \`?after=\`) gets every later event, once.
If some of them are not kept any more, it first gets \`feed.gap\` \`{reason, after, oldest}\`: \`trimmed\` (it came too late) or
\`rewritten\` (Redis has lost its last events; events may come again with the same \`data.id\`).`;

/** Registers the route of the deployment's feed. */
export async function feedEventRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/events",
    {
      config: { scope: "read" },
      schema: {
        operationId: "watchEvents",
        summary: "Stream the events of all batches",
        description: DESCRIPTION,
        tags: ["events"],
        querystring: feedQuery,
        response: {
          200: {
            description: "The events",
            content: { "text/event-stream": { schema: named("FeedEvent", feedEventSchema) } },
          },
          ...problems(400, 401, 503),
        },
      },
    },
    async (request, reply) => {
      const { ledger, liveFeed } = app.services;
      const after = feedPosition(request, request.query) ?? (await ledger.feed.newest());
      reply.hijack();
      const stream = new EventStream(reply.raw, { "x-request-id": request.id });
      liveFeed.watch(stream, after, request.query.follow !== "false", ownTenant(request.caller));
    },
  );
}
