import { z } from "zod";
import { ownTenant } from "../access/caller.ts";
import { answer } from "../http/answer.ts";
import { batchParams, batchStatusSchema, queryInt } from "../batches/batch-schemas.ts";
import { readBatch, viewBatch } from "../batches/batch-view.ts";
import { listBatches } from "../batches/list-batches.ts";
import { cursorField, nextCursorField } from "../http/cursor.ts";
import { problems } from "../http/problem.ts";
import type { ApiServer } from "../services.ts";

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

const listQuery = z.strictObject({
  limit: queryInt(1, MAX_PAGE).default(DEFAULT_PAGE),
  cursor: cursorField,
});

const listSchema = z.object({
  batches: z.array(batchStatusSchema).describe("Newest first."),
  nextCursor: nextCursorField,
});

/**
 * Routes for batches and their status. These routes read only the ledger, so the cost does not depend on a batch's
 * size.
 */
export async function batchRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/batches",
    {
      config: { scope: "read" },
      schema: {
        operationId: "listBatches",
        summary: "List batches, newest first",
        tags: ["batches"],
        querystring: listQuery,
        response: { 200: answer("A page of batches", listSchema), ...problems(400, 401, 503) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      return await listBatches(app.services, { limit, cursor, tenant: ownTenant(request.caller) });
    },
  );

  app.get(
    "/batches/:id",
    {
      config: { scope: "read" },
      schema: {
        operationId: "getBatch",
        summary: "Get a batch's status",
        tags: ["batches"],
        params: batchParams,
        response: { 200: answer("The batch", batchStatusSchema), ...problems(401, 404, 503) },
      },
    },
    async (request) => await viewBatch(app.services, await readBatch(app.services, request.params.id)),
  );
}
