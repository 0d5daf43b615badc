import { z } from "zod";
import { boundsOf } from "@darkroom/access";
import { checkDestinationBounds, checkTemplate, destinationUrlOf } from "@darkroom/intake";
import { batchParams } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import { checkFinalPlace, deliverApproved } from "../reviews/deliver-approved.ts";
import { adoptReviews } from "../reviews/review-results.ts";
import type { ApiServer } from "../services.ts";

const DESCRIPTION = `Copies the approved results, with their crops, to a final place, and removes copies from there whose results are no
longer approved. Each request handles up to 50 portraits; repeat it with \`cursor\` until \`nextCursor\` is null. The whole can be
repeated at any time and ends the same: a copy is known by its content. Files of others are never replaced or removed.`;

const body = z.strictObject({
  destination: z.string().min(1).max(2_000).describe("`s3://bucket/prefix/` or `file:///folder/`."),
  template: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      "Names the copies: the result's `{path}`, `{name}` and `{ext}`, `{id}`, `{index}`, and the manifest's columns. Default: the results' names.",
    ),
  cursor: z
    .int()
    .min(0)
    .max(2 ** 40)
    .default(0)
    .describe("`nextCursor` of the previous response."),
});

const deliveredSchema = z.object({
  delivered: z.int().describe("Portraits that were copied."),
  unchanged: z.int().describe("Portraits whose copies already existed."),
  removed: z.int().describe("Portraits whose copies were removed, because they are no longer approved."),
  problems: z
    .array(z.object({ index: z.int(), id: z.string().nullable(), message: z.string() }))
    .readonly()
    .describe("Approved portraits with a file that could not be copied, and the reason."),
  nextCursor: z.int().nullable(),
});

/** The route that delivers the approved results. */
export async function finalDeliveryRoute(app: ApiServer): Promise<void> {
  app.post(
    "/batches/:id/deliveries",
    {
      config: { scope: "manage", repeats: "safely" },
      schema: {
        operationId: "deliverApproved",
        summary: "Copy what is approved to a final place",
        description: DESCRIPTION,
        tags: ["reviews"],
        params: batchParams,
        body,
        response: {
          200: answer("What became of the portraits", deliveredSchema),
          ...problems(400, 401, 403, 404, 503),
        },
      },
    },
    async (request) => {
      const { services } = app;
      const record = await readBatch(services, request.params.id);
      const { destination, template, cursor } = request.body;
      if (template !== undefined) checkTemplate(template);
      const url = destinationUrlOf(destination, services.openStore);
      checkDestinationBounds(url, boundsOf(request.caller.limits));
      checkFinalPlace(url, record);
      await adoptReviews(services, record);
      const order = { url, target: services.openStore(url), template, cursor };
      const { nextCursor = null, ...told } = await deliverApproved(services, record, order);
      return { ...told, nextCursor };
    },
  );
}
