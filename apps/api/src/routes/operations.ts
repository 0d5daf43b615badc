import { z } from "zod";
import { DarkroomError } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import { ownTenant } from "../access/caller.ts";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import { operationViewSchema, viewOperation } from "../operations/operation-view.ts";
import type { ApiServer } from "../services.ts";

const params = z.object({ id: z.string().min(1).max(64) });

/** The route for the progress and end of an action. */
export async function operationRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/operations/:id",
    {
      config: { scope: "read" },
      schema: {
        operationId: "getOperation",
        summary: "Get the progress and end of an action",
        description: "Known for 7 days after its last change.",
        tags: ["actions"],
        params,
        response: { 200: answer("The operation", operationViewSchema), ...problems(401, 404, 503) },
      },
    },
    async ({ params: { id }, caller }) => {
      const operation = await app.services.operationBook.read(id);
      const tenant = ownTenant(caller);
      if (operation === undefined || (tenant !== undefined && operation.tenant !== tenant)) {
        throw new DarkroomError("not_found", "There is no such operation. It is known for 7 days after its end.");
      }
      return viewOperation(operation, serverNow());
    },
  );
}
