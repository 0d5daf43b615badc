import {
  canonicalJson,
  changeRecipe,
  DarkroomError,
  defaultRetryCodes,
  isRetriable,
  latestRecipe,
  retryRequestSchema,
  type OutcomeCode,
  type Recipe,
  type RetryRequest,
} from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { answer } from "../http/answer.ts";
import { batchParams, batchStatusSchema } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { beginRound } from "../batches/begin-round.ts";
import { answeredBefore, ORDER_DESCRIPTION, orderOf, revisionField } from "../batches/order.ts";
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

function recipeWished({ spec, rounds }: BatchRecord, { recipe: change }: RetryRequest): Recipe {
  const before = latestRecipe(spec.recipe, rounds);
  if (change === undefined) return before;
  const given = [change.preset, change.prompt, change.steps].filter((part) => part !== undefined).length;
  if (given > 1) {
    throw new DarkroomError("invalid_input", "recipe: name one of preset, prompt or steps.", { field: "recipe" });
  }
  return changeRecipe(before, change);
}

function codesWished(record: BatchRecord, { codes, recipe }: RetryRequest): readonly OutcomeCode[] {
  const never = codes?.find((code) => !isRetriable(code));
  if (never !== undefined) {
    throw new DarkroomError(
      "invalid_input",
      `codes: portraits that ended with ${never} cannot be retried${never === "invalid_row" ? "; fix the manifest and submit those rows" : ""}.`,
      { field: "codes" },
    );
  }
  const changes =
    recipe !== undefined && canonicalJson(recipe) !== "{}" && Object.keys(recipe).some((field) => field !== "retry");
  const wished = codes ?? defaultRetryCodes(changes);
  if (record.cancelled && !wished.includes(record.stopCode)) {
    throw new DarkroomError(
      "conflict",
      `This batch was stopped: a retry continues the portraits that never started (${record.stopCode}). Include that code, or omit codes.`,
      { field: "codes" },
    );
  }
  if (!wished.some((code) => (record.failures[code] ?? 0) > 0)) {
    const there = Object.keys(record.failures).join(", ");
    throw new DarkroomError(
      "conflict",
      there === ""
        ? "Nothing to retry: no portrait of this batch failed."
        : `Nothing to retry: the failed portraits (${there}) would end the same way. Name these codes once you have replaced the photos, or change the recipe.`,
      { field: "codes" },
    );
  }
  return wished;
}
