import { allowsScope } from "@darkroom/access";
import { BATCH_STATES } from "@darkroom/core";
import { z } from "zod";
import { answer } from "../http/answer.ts";
import { batchParams, countsSchema, reviewSchema } from "../batches/batch-schemas.ts";
import { readBatch, reviewOfBatch } from "../batches/batch-view.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import type { ApiServer } from "../services.ts";

const gallerySchema = named(
  "Gallery",
  z.object({
    id: z.string(),
    name: z.string().nullable(),
    state: z.enum(BATCH_STATES),
    cancelling: z.boolean(),
    counts: countsSchema,
    review: reviewSchema,
    mayReview: z.boolean(),
    downloads: z.boolean(),
    expiresAt: z.iso.datetime().nullable().describe("When the link or key expires."),
  }),
);

/** The route for a client's view of a batch, without money, locations or accounts. */
export async function galleryRoute(app: ApiServer): Promise<void> {
  app.get(
    "/batches/:id/gallery",
    {
      config: { scope: "read", link: true },
      schema: {
        operationId: "getGallery",
        summary: "Get what a client sees of a batch",
        tags: ["links"],
        params: batchParams,
        response: { 200: answer("The batch", gallerySchema), ...problems(401, 404, 503) },
      },
    },
    async ({ params, caller }): Promise<z.infer<typeof gallerySchema>> => {
      const record = await readBatch(app.services, params.id);
      return {
        id: record.spec.id,
        name: record.spec.name ?? null,
        state: record.state,
        cancelling: record.cancelled,
        counts: record.counts,
        review: reviewOfBatch(record),
        mayReview: allowsScope(caller.scopes, "review"),
        downloads: caller.link?.downloads ?? true,
        expiresAt: caller.expiresAt ?? null,
      };
    },
  );
}
