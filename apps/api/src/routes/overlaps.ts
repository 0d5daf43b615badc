import { z } from "zod";
import { submissionSchema } from "@darkroom/core";
import { orderOf } from "@darkroom/intake";
import { ownTenant } from "../access/caller.ts";
import { servicesFor } from "../access/submitter.ts";
import { answer } from "../http/answer.ts";
import { batchStatusSchema } from "../batches/batch-schemas.ts";
import { overlapsOf } from "../batches/overlaps.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import type { ApiServer } from "../services.ts";

const DESCRIPTION = `Accepts a submission with a \`source\`, and lists active batches that write to its destination, or to one around
or under it, oldest first. A batch of this submission would wait for their portraits in flight. Pays for nothing and writes nothing.`;

const overlapsSchema = named(
  "Overlaps",
  z.object({
    batches: z
      .array(
        named(
          "OverlappingBatch",
          batchStatusSchema.extend({
            inFlight: z.int().min(0).describe("Portraits with a provider call that have not ended."),
            sameOrder: z
              .boolean()
              .describe(
                "True if it has the source, destination, recipe, lane and limits of this submission, with any `maxCostUsd`, and the accounts and stores of this deployment.",
              ),
          }),
        ),
      )
      .readonly(),
  }),
);

/** The route for overlaps between a submission and active batches at its destination. */
export async function overlapsRoute(app: ApiServer): Promise<void> {
  app.post(
    "/overlaps",
    {
      config: { scope: "submit", repeats: "reads" },
      schema: {
        operationId: "listOverlaps",
        summary: "List batches that write where a submission would write",
        description: DESCRIPTION,
        tags: ["batches"],
        body: submissionSchema,
        response: { 200: answer("The batches", overlapsSchema), ...problems(400, 401, 403, 503) },
      },
    },
    async (request) => ({
      batches: await overlapsOf(
        app.services,
        orderOf(request.body, servicesFor(app.services, request.caller), new Date()),
        ownTenant(request.caller),
      ),
    }),
  );
}
