import { z } from "zod";
import { answer } from "../http/answer.ts";
import { ALWAYS_ANSWERS } from "../http/overload.ts";
import { problems } from "../http/problem.ts";
import type { ApiServer } from "../services.ts";

const okSchema = z.object({ status: z.literal("ok") });

/** Routes for orchestrators, without an API key. */
export async function healthRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/healthz",
    {
      config: ALWAYS_ANSWERS,
      schema: {
        operationId: "getHealth",
        summary: "Liveness: the process is running",
        tags: ["operations"],
        security: [],
        response: { 200: answer("It lives", okSchema) },
      },
    },
    async () => ({ status: "ok" as const }),
  );

  app.get(
    "/readyz",
    {
      config: ALWAYS_ANSWERS,
      schema: {
        operationId: "getReadiness",
        summary: "Readiness: Redis answers",
        tags: ["operations"],
        security: [],
        response: { 200: answer("The API is ready", okSchema), ...problems(503) },
      },
    },
    async () => {
      await app.services.checkReady();
      return { status: "ok" as const };
    },
  );
}

/** The route for Prometheus. Metrics name all tenants' lanes, so a tenant's key and a link for a client do not open it. */
export async function metricsRoute(app: ApiServer): Promise<void> {
  app.get(
    "/metrics",
    {
      config: { ...ALWAYS_ANSWERS, scope: "read", forDeployment: true },
      schema: {
        operationId: "getMetrics",
        summary: "Metrics for Prometheus",
        tags: ["operations"],
        response: {
          200: { description: "Metrics", content: { "text/plain": { schema: z.string() } } },
          ...problems(401, 403, 429, 503),
        },
      },
    },
    async (_, reply) => {
      const { metrics } = app.services;
      return await reply.type(metrics.contentType).send(await metrics.metrics());
    },
  );
}
