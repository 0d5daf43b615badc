import { z } from "zod";
import { readReviewLines } from "@darkroom/archive";
import { MAX_NOTE_CHARS, REVIEW_ORDERS, textSchema, type ReviewLine } from "@darkroom/core";
import { batchParams, queryInt, reviewSchema } from "../batches/batch-schemas.ts";
import { readBatch, reviewOfBatch } from "../batches/batch-view.ts";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import { reviewResults } from "../reviews/review-results.ts";
import { selectionFields, selectPortraits } from "../reviews/select-portraits.ts";
import type { ApiServer } from "../services.ts";

const DESCRIPTION = `\`approve\` and \`reject\` decide about results; \`undo\` withdraws the latest decision on each portrait and restores
the one before. Every request adds lines to the batch's review log. A decision is about one result: a portrait that gets another
result is undecided. A decision that already stands changes nothing.

Send the \`revision\` that the person saw. If another person has decided since, the response is \`409\` (\`stale\`) with that
decision, and nothing is changed. When the response arrives, the decision is in the object store.`;

const reviewBody = z.strictObject({
  order: z.enum(REVIEW_ORDERS).exclude(["redo"]),
  note: textSchema(MAX_NOTE_CHARS).optional().describe("Why, for whoever works on it next."),
  revision: z
    .int()
    .min(0)
    .optional()
    .describe("`review.revision` of the batch on which this is based. Defaults to the present one."),
  ...selectionFields,
});

const reviewedSchema = z.object({
  recorded: z.int().min(0).describe("Portraits whose decision was recorded."),
  unchanged: z.int().min(0).describe("Portraits that already had this decision."),
  line: z.int().nullable().describe("The last line added to the log; null if nothing changed."),
  review: reviewSchema,
  nextCursor: z.int().nullable().describe("With `where`: the next page's cursor; null at the end."),
});

const lineSchema = named(
  "ReviewLine",
  z.object({
    number: z.int().min(1).describe("From 1 without gaps."),
    at: z.iso.datetime(),
    by: z.string().describe("Id of the key that made the decision."),
    order: z.enum(REVIEW_ORDERS),
    note: z.string().nullable(),
    portraits: z.array(z.int().min(0)),
    undoes: z.array(z.int().min(1)).describe("For an `undo`: the lines whose decisions it withdrew."),
  }),
);

const logSchema = z.object({
  reviews: z.array(lineSchema).describe("Newest first."),
  review: reviewSchema,
  nextBefore: z.int().nullable().describe("`before` of the next page; null at the end."),
});

const logQuery = z.strictObject({
  before: queryInt(1, 2 ** 30)
    .optional()
    .describe("Only lines with lower numbers."),
  limit: queryInt(1, 200).default(50),
});

/** Routes for decisions about results. */
export async function reviewRoutes(app: ApiServer): Promise<void> {
  app.post(
    "/batches/:id/reviews",
    {
      config: { scope: "review", link: true, repeats: "safely" },
      schema: {
        operationId: "reviewPortraits",
        summary: "Approve or reject results, or withdraw such decisions",
        description: DESCRIPTION,
        tags: ["reviews"],
        params: batchParams,
        body: reviewBody,
        response: { 200: answer("What was recorded", reviewedSchema), ...problems(400, 401, 404, 409, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const record = await readBatch(services, request.params.id);
      const { order, note, revision, ...selection } = request.body;
      const { indexes, nextCursor = null } = await selectPortraits(services, record, selection);
      const given = { order, note, revision, by: request.caller.id };
      const { recorded, unchanged, line = null } = await reviewResults(services, record, given, indexes);
      const now = await readBatch(services, record.spec.id);
      return { recorded, unchanged, line, review: reviewOfBatch(now), nextCursor };
    },
  );

  app.get(
    "/batches/:id/reviews",
    {
      config: { scope: "read" },
      schema: {
        operationId: "listReviews",
        summary: "List the review log of a batch",
        tags: ["reviews"],
        params: batchParams,
        querystring: logQuery,
        response: { 200: answer("A page of the log", logSchema), ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const record = await readBatch(services, request.params.id);
      const { before = Infinity, limit } = request.query;
      const first = Math.min(before - 1, record.review.revision);
      const last = Math.max(0, first - limit);
      const numbers = Array.from({ length: Math.max(0, first - last) }, (_, place) => first - place);
      const store = services.openStore(record.spec.destination.url);
      const lines = await readReviewLines(services.ledger, store, { batchId: record.spec.id, numbers });
      const reviews = numbers.flatMap((number) => lines.get(number) ?? []).map(viewLine);
      return { reviews, review: reviewOfBatch(record), nextBefore: last > 0 ? last + 1 : null };
    },
  );
}

function viewLine({ number, at, by, order, note, results }: ReviewLine): z.infer<typeof lineSchema> {
  const undone = results.flatMap(({ undoes }) => undoes ?? []);
  return {
    number,
    at: new Date(at).toISOString(),
    by,
    order,
    note: note ?? null,
    portraits: results.map(({ index }) => index),
    undoes: [...new Set(undone)].toSorted((a, b) => a - b),
  };
}
