import { randomUUID } from "node:crypto";
import multipart from "@fastify/multipart";
import fastify, { LogController, type FastifyBaseLogger, type FastifyRequest } from "fastify";
import { serializerCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { DarkroomError } from "@darkroom/core";
import { authenticator, type Authenticator } from "./access/authenticate.ts";
import { batchOfPath, checkOwner } from "./access/check-owner.ts";
import { checkAccess } from "./access/caller.ts";
import { MAX_LOOP_DELAY_MS, refuseWhenOverloaded } from "./http/overload.ts";
import { repeatAnswers } from "./http/idempotency/repeated-requests.ts";
import { sendProblem, validatorCompiler } from "./http/problem.ts";
import { addSecurityHeaders, DOCS_POLICY } from "./http/security-headers.ts";
import { actionRoute } from "./routes/actions.ts";
import { batchEventRoutes } from "./routes/batch-events.ts";
import { batchMoveRoutes } from "./routes/batch-moves.ts";
import { errorPageRoute } from "./routes/error-pages.ts";
import { batchRetryRoute } from "./routes/batch-retry.ts";
import { cleanBatchRoute } from "./routes/clean-batch.ts";
import { batchRoutes } from "./routes/batches.ts";
import { consistencyRoute } from "./routes/consistency.ts";
import { costRoutes } from "./routes/costs.ts";
import { feedEventRoutes } from "./routes/feed-events.ts";
import { finalDeliveryRoute } from "./routes/final-deliveries.ts";
import { fileRoutes } from "./routes/files.ts";
import { healthRoutes, metricsRoute } from "./routes/health.ts";
import { keyRoutes } from "./routes/keys.ts";
import { laneRoutes } from "./routes/lanes.ts";
import { linkRoutes } from "./routes/links.ts";
import { galleryRoute } from "./routes/gallery.ts";
import { operationRoutes } from "./routes/operations.ts";
import { overlapsRoute } from "./routes/overlaps.ts";
import { pageRoutes } from "./routes/page.ts";
import { portraitHistoryRoute } from "./routes/portrait-history.ts";
import { portraitPictureRoutes } from "./routes/portrait-pictures.ts";
import { portraitStatesRoute } from "./routes/portrait-states.ts";
import { portraitRoutes } from "./routes/portraits.ts";
import { presetRoutes } from "./routes/presets.ts";
import { questionRoutes } from "./routes/questions.ts";
import { quoteRoute } from "./routes/quotes.ts";
import { recoveryRoutes } from "./routes/recovery.ts";
import { reviewRoutes } from "./routes/reviews.ts";
import { redoRoute } from "./routes/redo.ts";
import { reportRoutes } from "./routes/reports.ts";
import { sampleRoute } from "./routes/samples.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { sessionRoute, signInRoutes } from "./routes/session.ts";
import { submitBatchRoute } from "./routes/submit-batch.ts";
import { uploadRoutes } from "./routes/uploads.ts";
import { webhookDeliveryRoutes } from "./routes/webhook-deliveries.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import type { ApiServer } from "./services.ts";

/** Largest JSON body. */
const BODY_LIMIT_BYTES = 2 * 1_024 * 1_024;
/** A link's token contains a folder's URL and a key. */
const MAX_PATH_PART = 8_192;
/** Time limit for a response, because a client must not hang when Redis does. */
const ANSWER_WITHIN_MS = 15_000;

export interface ServerOptions {
  readonly apiKey: string | undefined;
  /** If absent, nothing is logged. */
  readonly log?: FastifyBaseLogger;
  /** Serves the OpenAPI document and its page. Loading them takes a tenth of the start time. Defaults to true. */
  readonly hasDocs?: boolean;
  /** See {@link MAX_LOOP_DELAY_MS}, its default. */
  readonly maxLoopDelayMs?: number;
  /** Called for every route. */
  readonly onRoute?: (method: string, url: string) => void;
}

/** Creates the server with all routes and hooks. Set `app.services` before the first request. */
export async function createServer(options: ServerOptions): Promise<ApiServer> {
  const { apiKey, log, onRoute, hasDocs = true, maxLoopDelayMs = MAX_LOOP_DELAY_MS } = options;
  const app = fastify({
    ...(log === undefined ? {} : { loggerInstance: log }),
    // A link's path contains its token and must not be logged; see `logRequests`.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: "idle",
    requestIdHeader: false,
    genReqId: (request) => givenRequestId(request.headers["x-request-id"]) ?? randomUUID(),
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_PATH_PART },
    // Without these, Fastify loads its own compilers. Its types know only schemas of Ajv.
    schemaController: {
      compilersFactory: {
        buildValidator: () => validatorCompiler as never,
        buildSerializer: () => serializerCompiler as never,
      },
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.removeContentTypeParser("text/plain");
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler(async () => {
    throw new DarkroomError("not_found", "There is no such path. See /docs for those that exist.");
  });
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("x-request-id", request.id);
  });
  logRequests(app);
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) onRoute?.(one, url);
  });
  await addSecurityHeaders(app);
  await refuseWhenOverloaded(app, maxLoopDelayMs);
  if (hasDocs) await serveDocs(app);
  await app.register(multipart);
  await app.register(pageRoutes);

  const access = authenticator(apiKey);
  await app.register(healthRoutes);
  await app.register(errorPageRoute);
  await app.register(async (scrapes) => {
    requireKey(scrapes, app, access);
    await scrapes.register(metricsRoute);
  });
  await app.register(fileRoutes);
  await app.register(signInRoutes, { prefix: "/v1", signIn: access.signIn });
  await app.register(
    async (v1) => {
      requireKey(v1, app, access);
      v1.addHook("onRequest", async (request) => {
        app.services.checkConnected();
        await checkOwner(request, app.services);
      });
      repeatAnswers(v1);
      await v1.register(submitBatchRoute);
      await v1.register(quoteRoute);
      await v1.register(reportRoutes);
      await v1.register(reviewRoutes);
      await v1.register(finalDeliveryRoute);
      await v1.register(redoRoute);
      await v1.register(actionRoute);
      await v1.register(recoveryRoutes);
      await v1.register(cleanBatchRoute);
      await v1.register(portraitPictureRoutes);
      await v1.register(portraitHistoryRoute);
      await v1.register(questionRoutes);
      await v1.register(uploadRoutes);
      await v1.register(sampleRoute);
      await v1.register(async (quick) => {
        quick.addHook("onRoute", (route) => void (route.handlerTimeout = ANSWER_WITHIN_MS));
        await quick.register(batchRoutes);
        await quick.register(batchMoveRoutes);
        await quick.register(batchRetryRoute);
        await quick.register(batchEventRoutes);
        await quick.register(feedEventRoutes);
        await quick.register(consistencyRoute);
        await quick.register(operationRoutes);
        await quick.register(overlapsRoute);
        await quick.register(portraitRoutes);
        await quick.register(portraitStatesRoute);
        await quick.register(presetRoutes);
        await quick.register(keyRoutes);
        await quick.register(linkRoutes);
        await quick.register(galleryRoute);
        await quick.register(webhookRoutes);
        await quick.register(webhookDeliveryRoutes);
        await quick.register(sessionRoute);
        await quick.register(laneRoutes);
        await quick.register(costRoutes);
        await quick.register(scheduleRoutes);
      });
    },
    { prefix: "/v1" },
  );
  return app;
}

/** Lets only callers reach these routes who have the scope that each route declares. */
function requireKey(routes: ApiServer, app: ApiServer, access: Authenticator): void {
  routes.addHook("onRoute", ({ method, url, config }) => {
    if (config?.scope === undefined) throw new Error(`${String(method)} ${url} declares no scope`);
  });
  routes.addHook("onRequest", async (request, reply) => {
    const caller = await access.identify({ request, reply }, app.services);
    request.caller = caller;
    request.log = request.log.child({ key: caller.id });
    checkAccess(caller, request.routeOptions.config);
  });
}

async function serveDocs(app: ApiServer): Promise<void> {
  const [{ default: swagger }, { default: swaggerUi }, { swaggerOptions }] = await Promise.all([
    import("@fastify/swagger"),
    import("@fastify/swagger-ui"),
    import("./http/openapi.ts"),
  ]);
  await app.register(swagger, swaggerOptions);
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    uiConfig: { docExpansion: "list", persistAuthorization: false },
    theme: { title: "Darkroom API" },
    staticCSP: DOCS_POLICY,
  });
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
}

function givenRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" && /^[\w.-]{1,64}$/.test(header) ? header : undefined;
}

/**
 * Logs one line per request: its route (never the path, which may contain a link's token) and its batch. Reads are
 * logged at debug, because monitors and pages poll. Server errors are logged at error.
 */
function logRequests(app: ApiServer): void {
  app.addHook("onResponse", async (request: FastifyRequest, reply) => {
    const { url = "unknown" } = request.routeOptions;
    const ms = Math.round(reply.elapsedTime);
    const { method } = request;
    const { statusCode: status } = reply;
    const id = batchOfPath(request);
    const batch = id === undefined ? {} : { batch: id };
    const isPoll = (method === "GET" || method === "HEAD") && status < 400;
    const level = status >= 500 ? "error" : isPoll ? "debug" : "info";
    request.log[level]({ method, route: url, status, ms, ...batch }, "request");
  });
}
