import { laneNames, laneProviders, limitsOfLane, meansOf, type Settings } from "@darkroom/config";
import { listenFault } from "@darkroom/core";
import { openStores, type Stores } from "@darkroom/storage";
import { createLogger, createMetrics, showBlocked, showLimits, type Logger, type Metrics } from "@darkroom/runtime";
import { checkExposure } from "./access/loopback.ts";
import { openServices } from "./open-services.ts";
import { createServer } from "./server.ts";

/** Time for running requests when the API closes. */
const CLOSE_WITHIN_MS = 10_000;

/** Resources that the API shares with other parts of the same process. The API creates those that are absent. */
export interface ApiParts {
  readonly log?: Logger;
  readonly metrics?: Metrics;
  readonly stores?: Stores;
  /** See `ServerOptions`. */
  readonly hasDocs?: boolean;
}

export interface RunningApi {
  /** The API's URL on this machine, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Stops accepting requests, lets running requests finish for a limited time, and disconnects from Redis. */
  close(): Promise<void>;
}

/**
 * Starts the status API.
 *
 * @throws DarkroomError `invalid_settings` when the API would be exposed without a key or its port is taken,
 *   `redis_unavailable` or `redis_unsuitable`
 */
export async function startApi(settings: Settings, parts: ApiParts = {}): Promise<RunningApi> {
  const { host, port: wishedPort, apiKey } = settings.api;
  checkExposure(host, apiKey);
  const log = parts.log ?? createLogger({ level: settings.log.level, name: "api" });
  const metrics = parts.metrics ?? createMetrics();
  const stores = parts.stores ?? openStores({ s3: settings.s3, local: settings.local, proxy: settings.proxy });
  const closeStores = async (): Promise<void> => {
    if (parts.stores === undefined) await stores.close();
  };
  const services = await openServices({
    redis: settings.redis,
    lanes: laneNames(settings),
    openStore: stores.open,
    prices: settings.providers.prices,
    manifestSources: settings.manifestSources,
    means: meansOf(settings),
    laneProviders: laneProviders(settings),
    laneLimits: (name) => limitsOfLane(settings, name),
    breaker: settings.breaker,
    faces: settings.faces,
    linkSecret: settings.local.linkSecret,
    uploadsUrl: settings.uploadsUrl,
    allowPrivateSources: settings.providers.allowPrivateSources,
    allowPrivateWebhooks: settings.webhooks.allowPrivate,
    metrics: metrics.registry,
    showLane: (name, blocked, state, workers) => {
      metrics.laneWorkers.set({ lane: name }, workers);
      showBlocked(metrics, name, blocked?.reason);
      showLimits(metrics, name, state, Date.now());
    },
    log,
  }).catch(async (error: unknown) => {
    await closeStores();
    throw error;
  });
  const app = await createServer({ apiKey, log, hasDocs: parts.hasDocs ?? true });
  app.decorate("services", services);
  const close = async (): Promise<void> => {
    const late = setTimeout(() => app.server.closeAllConnections(), CLOSE_WITHIN_MS);
    try {
      services.live.close();
      await app.close();
    } finally {
      clearTimeout(late);
      await services.close();
      await closeStores();
    }
  };
  try {
    await app.listen({ host, port: wishedPort });
  } catch (error) {
    await close();
    throw listenFault(error, { host, port: wishedPort, portSetting: "DARKROOM_PORT" });
  }
  const address = app.server.address();
  const port = typeof address === "object" && address !== null ? address.port : wishedPort;
  return { url: `http://${reachableHost(host)}:${port}`, port, close };
}

function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
