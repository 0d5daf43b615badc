import { z } from "zod";
import { PROVIDERS } from "@darkroom/core";
import { answer } from "../answer.ts";
import { blockedSchema } from "../batch-schemas.ts";
import { problems } from "../problem.ts";
import type { ApiServer } from "../services.ts";

const count = z.int().min(0);

const lanesSchema = z.object({
  lanes: z.array(
    z.object({
      name: z.string(),
      provider: z.enum(PROVIDERS),
      counts: z.object({ waiting: count, active: count, delayed: count }).describe("Of the window that is queued now."),
      blocked: blockedSchema.nullable(),
    }),
  ),
});

/** The queues of the provider accounts. */
export async function laneRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/lanes",
    {
      schema: {
        operationId: "listLanes",
        summary: "The queues of the provider accounts",
        tags: ["lanes"],
        response: { 200: answer("The lanes", lanesSchema), ...problems(401, 503) },
      },
    },
    async () => {
      const { services } = app;
      const set = PROVIDERS.flatMap((provider) => {
        const name = services.lanes[provider];
        return name === undefined ? [] : [{ provider, name }];
      });
      const lanes = await Promise.all(
        set.map(async ({ provider, name }) => {
          const lane = services.lane(name);
          const [counts, blocked] = await Promise.all([lane.counts(), lane.blocked()]);
          return { name, provider, counts: { ...counts }, blocked: blocked ?? null };
        }),
      );
      return { lanes };
    },
  );
}
