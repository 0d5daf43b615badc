import { serverNow } from "@darkroom/redis-kit";
import { z } from "zod";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import { createSamples } from "../samples/sample-batches.ts";
import type { ApiServer } from "../services.ts";

const samplesSchema = z.object({ batches: z.array(z.string()).readonly().describe("Ids.") });

/** The route that fills an empty page. */
export async function sampleRoute(app: ApiServer): Promise<void> {
  app.post(
    "/samples",
    {
      config: { scope: "submit" },
      schema: {
        operationId: "createSamples",
        summary: "Submit sample batches to the simulator",
        description:
          "Batches of the example team in several states: finished, with a failure, a pilot, waiting for confirmation and for hours. Only where the simulator is the only provider.",
        tags: ["batches"],
        response: { 201: answer("The batches", samplesSchema), ...problems(401, 403, 409, 503) },
      },
    },
    async (request, reply) => {
      const batches = await createSamples(app.services, request.caller, serverNow());
      void reply.code(201);
      return { batches };
    },
  );
}
