import { z } from "zod";
import { DarkroomError, MAX_NOTE_CHARS, textSchema } from "@darkroom/core";
import { batchParams, batchStatusSchema } from "../batches/batch-schemas.ts";
import { readBatch, viewBatch } from "../batches/batch-view.ts";
import { answeredBefore, orderOf } from "../batches/order.ts";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import { MOST_REDONE, planRedo, redoResults } from "../reviews/redo-results.ts";
import { selectionFields, selectPortraits } from "../reviews/select-portraits.ts";
import type { ApiServer } from "../services.ts";

const DESCRIPTION = `Orders other results, with a note for the provider: a new round of the batch reopens these portraits. Each is paid once
more. With \`dryRun\`, the response only names the price. An order that would exceed the batch's budget is refused before anything
is paid. The present results stay in place until the new ones replace them, and the decisions about them end.`;

const body = z.strictObject({
  note: textSchema(MAX_NOTE_CHARS).describe("How the new result should differ."),
  dryRun: z.boolean().default(false),
  revision: z
    .int()
    .min(0)
    .optional()
    .describe("`review.revision` of the batch on which this is based. Defaults to the present one."),
  indexes: selectionFields.indexes,
  ids: selectionFields.ids,
  where: selectionFields.where,
});

const redoneSchema = z.object({
  portraits: z.int(),
  costUsd: z.number().nullable().describe("The price of all portraits; null without a price."),
  batch: batchStatusSchema,
});

/** The route that orders other results. */
export async function redoRoute(app: ApiServer): Promise<void> {
  app.post(
    "/batches/:id/redo",
    {
      config: { scope: "review", spends: true, repeats: "safely" },
      schema: {
        operationId: "redoPortraits",
        summary: "Order other results, with a note",
        description: DESCRIPTION,
        tags: ["reviews"],
        params: batchParams,
        body,
        response: { 200: answer("What it comes to", redoneSchema), ...problems(400, 401, 404, 409, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const record = await readBatch(services, request.params.id);
      const { note, dryRun, revision, ...selection } = request.body;
      const order = orderOf(request, "redo", record, { ...request.body, revision: undefined });
      const before = dryRun ? undefined : await answeredBefore(services, record.spec.id, order);
      if (before !== undefined) return { portraits: 0, costUsd: 0, batch: before };
      const { indexes, nextCursor } = await selectPortraits(services, record, selection);
      if (indexes.length > MOST_REDONE || nextCursor !== undefined) {
        throw new DarkroomError("invalid_input", `An order may name at most ${MOST_REDONE} portraits; split it.`, {
          field: "indexes",
        });
      }
      const given = { note, by: request.caller.id, revision, indexes };
      const plan = await planRedo(services, record, given);
      if (!dryRun) await redoResults(services, record, { given, plan, order });
      const batch = await viewBatch(services, await readBatch(services, record.spec.id));
      return { portraits: indexes.length, costUsd: plan.costUsd ?? null, batch };
    },
  );
}
