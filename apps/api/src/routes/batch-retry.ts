import { retryRequestSchema } from "@darkroom/core";
import { answer } from "../http/answer.ts";
import { batchParams, batchStatusSchema } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { beginRound } from "../batches/begin-round.ts";
import { answeredBefore, ORDER_DESCRIPTION, orderOf, revisionField } from "../batches/order.ts";
import { codesWished, recipeWished } from "../batches/retry-order.ts";
import { problems } from "../http/problem.ts";
import type { ApiServer } from "../services.ts";

const DESCRIPTION = `Reopens failed or cancelled portraits in the same batch: all that may succeed now, or those with one of \`codes\`.
\`recipe\` changes their recipe. Portraits with their own prompt, preset or mode keep it, as do portraits that are not
reopened. One report has the latest outcome of each portrait. A cancelled batch continues with the portraits that never
started, with the changed recipe.

${ORDER_DESCRIPTION}`;

const retryBody = retryRequestSchema.extend({ revision: revisionField });

/** The route that retries failed portraits. */
export async function batchRetryRoute(app: ApiServer): Promise<void> {
  app.post(
    "/batches/:id/retry",
    {
      config: { scope: "manage", spends: true, repeats: "safely" },
      schema: {
        operationId: "retryBatch",
        summary: "Retry failed portraits",
        description: DESCRIPTION,
        tags: ["batches"],
        params: batchParams,
        body: retryBody.nullish(),
        response: { 200: answer("The batch as it is now", batchStatusSchema), ...problems(400, 401, 404, 409, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const { id } = request.params;
      const record = await readBatch(services, id);
      const wished = request.body ?? {};
      const order = orderOf(request, "retry", record, wished);
      const before = await answeredBefore(services, id, order);
      if (before !== undefined) return before;
      const recipe = recipeWished(record, wished);
      const codes = codesWished(record, wished);
      return await beginRound(services, record, [{ codes, recipe }], { order });
    },
  );
}
