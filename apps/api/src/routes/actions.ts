import { DarkroomError, tenantOf } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import { actionSchema, dryRunSchema } from "../actions/action-schemas.ts";
import { planAction, RIGHTS } from "../actions/plan-action.ts";
import { checkAccess } from "../access/caller.ts";
import { checkSpends } from "../access/submitter.ts";
import { batchParams } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import { operationViewSchema, viewOperation } from "../operations/operation-view.ts";
import type { ApiServer } from "../services.ts";

const DESCRIPTION = `Does one thing to all portraits that match \`where\`: \`retry\` and \`deliver\` need the scope \`manage\`, the others
\`review\`. The same rules apply as on the routes that do it without a query.

Send \`dryRun\` first: it counts the portraits and names the most that it may cost. Then send that number as \`expect\`: if another
number matches by then, the response is \`409\` (\`stale\`) and nothing is changed. The response is an operation;
\`GET /v1/operations/{id}\` shows its progress and end.`;

/** The route for actions by query. */
export async function actionRoute(app: ApiServer): Promise<void> {
  app.post(
    "/batches/:id/actions",
    {
      config: { scope: "review", orScope: "manage" },
      schema: {
        operationId: "startAction",
        summary: "Retry, review, redo, hand over or answer for all portraits that match a query",
        description: DESCRIPTION,
        tags: ["actions"],
        params: batchParams,
        body: actionSchema,
        response: {
          200: answer("With `dryRun`: what it would come to", dryRunSchema),
          202: answer("The operation that carries it out; `Location` has its URL", operationViewSchema),
          ...problems(400, 401, 403, 404, 409, 503),
        },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const { caller, body } = request;
      const { scope, spends } = RIGHTS[body.action];
      checkAccess(caller, { scope });
      const record = await readBatch(services, request.params.id);
      if (spends) checkSpends(caller, record);
      const { matched, costUsd, carry } = await planAction({ services, record, caller }, body);
      if (body.expect !== undefined && body.expect !== matched) throw countMoved(body.expect, matched);
      if (body.dryRun) return { matched, costUsd };
      if (matched === 0 && body.action !== "deliver") throw nothingMatches();
      await services.followClock();
      const { id, ...tenant } = { id: record.spec.id, tenant: tenantOf(record.spec) };
      const given = { ...tenant, batch: id, action: body.action, createdBy: caller.id, matched, costUsd };
      const operation = await services.operations.start(given, carry);
      request.log.info({ operation: operation.id, batch: id, action: body.action, matched }, "action started");
      void reply.code(202).header("location", `/v1/operations/${operation.id}`);
      return viewOperation(operation, serverNow());
    },
  );
}

function countMoved(expected: number, matched: number): DarkroomError {
  const message = `expect: ${matched} portraits match now, and ${expected} were expected. Nothing was changed; look again, then decide.`;
  return new DarkroomError("stale", message, { field: "expect" });
}

function nothingMatches(): DarkroomError {
  return new DarkroomError("conflict", "where: no portrait matches that this could be done to.", { field: "where" });
}
