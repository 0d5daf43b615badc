import { quoteSubmission } from "@darkroom/intake";
import { answer } from "../answer.ts";
import { drainUpload, readSubmission } from "../manifest-upload.ts";
import { problems } from "../problem.ts";
import { quoteSchema } from "../quote-schema.ts";
import type { ApiServer } from "../services.ts";

const DESCRIPTION = `Takes what \`POST /v1/batches\` takes, reads all of its rows, and says what they would come to: bad rows, duplicates, collisions,
missing photos, cost and time. Pays nothing and writes nothing; an uploaded manifest is not kept.

The answer comes when the source has been read to its end. Closing the connection stops the reading.`;

/** Quotes. */
export async function quoteRoute(app: ApiServer): Promise<void> {
  app.post(
    "/quotes",
    {
      schema: {
        operationId: "quoteBatch",
        summary: "What a batch would come to",
        description: DESCRIPTION,
        tags: ["batches"],
        response: { 200: answer("The quote", quoteSchema), ...problems(400, 401, 403, 404, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const gone = new AbortController();
      const leave = (): void => gone.abort();
      reply.raw.once("close", leave);
      try {
        const { submission, upload } = await readSubmission(request);
        return await quoteSubmission(submission, app.services, {
          signal: gone.signal,
          ...(upload === undefined ? {} : { upload }),
        });
      } finally {
        reply.raw.off("close", leave);
        drainUpload(request);
      }
    },
  );
}
