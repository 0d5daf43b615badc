import { DarkroomError, type Quote } from "@darkroom/core";
import { quoteBatch, quoteSubmission } from "@darkroom/intake";
import type { FastifyReply } from "fastify";
import { servicesFor } from "../access/submitter.ts";
import { answer } from "../http/answer.ts";
import { batchParams } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { drainUpload, readSubmission } from "../manifests/manifest-upload.ts";
import { problems } from "../http/problem.ts";
import { quoteSchema } from "../quotes/quote-schema.ts";
import type { ApiServer } from "../services.ts";
import { uploadOf } from "../uploads/submitted-upload.ts";

const DESCRIPTION = `Accepts the same body as \`POST /v1/batches\`, reads all rows, and reports bad rows, duplicates, collisions,
missing photos, cost and time. Pays for nothing and writes nothing; an uploaded manifest is not stored.

The answer is sent when the source has been read to its end. Closing the connection stops the reading.`;

/** The route for quotes. */
export async function quoteRoute(app: ApiServer): Promise<void> {
  app.post(
    "/quotes",
    {
      config: { scope: "submit", repeats: "reads" },
      schema: {
        operationId: "quoteBatch",
        summary: "Quote a submission",
        description: DESCRIPTION,
        tags: ["batches"],
        response: { 200: answer("The quote", quoteSchema), ...problems(400, 401, 403, 404, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      try {
        const { submission, upload } = await readSubmission(request);
        uploadOf(app.services.uploadPlaces, request.caller, submission);
        return await whileAsked(reply, (signal) =>
          quoteSubmission(submission, servicesFor(app.services, request.caller), {
            signal,
            ...(upload === undefined ? {} : { upload }),
          }),
        );
      } finally {
        drainUpload(request);
      }
    },
  );

  app.get(
    "/batches/:id/quote",
    {
      config: { scope: "read" },
      schema: {
        operationId: "quoteAcceptedBatch",
        summary: "Quote an accepted batch",
        description: "The same for a batch whose source was read, for the user who confirms it.",
        tags: ["batches"],
        params: batchParams,
        response: { 200: answer("The quote", quoteSchema), ...problems(401, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { spec, counts, ingested, findings, sourceNote } = await readBatch(app.services, request.params.id);
      if (!ingested)
        throw new DarkroomError("conflict", "Its source is still being read; ask again when that is done.");
      const batch = { spec, rows: counts.total, leftOut: findings?.leftOut ?? [], sourceNote };
      return await whileAsked(reply, (signal) => quoteBatch(batch, { ...app.services, signal }));
    },
  );
}

/** Aborts the reads of a quote when the client disconnects. */
async function whileAsked(reply: FastifyReply, quote: (signal: AbortSignal) => Promise<Quote>): Promise<Quote> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  reply.raw.once("close", leave);
  try {
    return await quote(gone.signal);
  } finally {
    reply.raw.off("close", leave);
  }
}
