import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { z } from "zod";
import { batchParams } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { reviewedStates } from "../reviews/reviewed-states.ts";
import { problems } from "../http/problem.ts";
import type { ApiServer } from "../services.ts";

const DESCRIPTION = `4 bits for each portrait in the order of their indexes, the even one in the high bits: 0 \`pending\`, 1 \`queued\`,
2 \`running\`, 3 \`retrying\`, 4 \`succeeded\`, 5 \`skipped\`, 6 \`failed\`, 7 \`cancelled\`; 8 and 9 \`succeeded\`, 10 and 11
\`skipped\`, the even one approved and the odd one rejected. Missing bytes at the end are 0. In a
cancelled batch, a \`pending\` portrait will never start. Send the \`ETag\` as \`If-None-Match\` to get \`304\` while nothing has
changed.`;

/** Compressing smaller responses is not worth the CPU time. */
const LEAST_GZIPPED_BYTES = 1_024;

const zip = promisify(gzip);
const bytesSchema = z.unknown().meta({ type: "string", format: "binary" });

/** The route for the states of all portraits in one response: 50 KB for 100,000 portraits. */
export async function portraitStatesRoute(app: ApiServer): Promise<void> {
  app.get(
    "/batches/:id/states",
    {
      config: { scope: "read", link: true },
      schema: {
        operationId: "getPortraitStates",
        summary: "Get the states of all portraits of a batch, as a map of bits",
        description: DESCRIPTION,
        tags: ["portraits"],
        params: batchParams,
        response: {
          200: { description: "The map", content: { "application/octet-stream": { schema: bytesSchema } } },
          304: { description: "Unchanged", content: { "application/octet-stream": { schema: bytesSchema } } },
          ...problems(401, 404, 503),
        },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const record = await readBatch(services, request.params.id);
      const bytes = await reviewedStates(services.ledger, record);
      const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
      void reply
        .type("application/octet-stream")
        .header("etag", etag)
        .header("cache-control", "private, no-cache")
        .header("vary", "accept-encoding");
      if (request.headers["if-none-match"] === etag) return await reply.code(304).send();
      const takesGzip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
      if (!takesGzip || bytes.length < LEAST_GZIPPED_BYTES) return await reply.send(bytes);
      return await reply.header("content-encoding", "gzip").send(await zip(bytes, { level: 1 }));
    },
  );
}
