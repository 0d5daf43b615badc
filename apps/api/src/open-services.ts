import { KeyStore, SessionStore } from "@darkroom/access";
import {
  DarkroomError,
  type Blocked,
  type Breaker,
  type OpenStore,
  type PriceTable,
  type ProcessMeans,
} from "@darkroom/core";
import { FaceFinder } from "@darkroom/faces";
import type { LaneLimits, LaneNames } from "@darkroom/intake";
import type { GateState } from "@darkroom/lanes";
import {
  Staffing,
  BatchRestore,
  BlockedDestinations,
  Bus,
  FailoverDetector,
  CostBook,
  Ledger,
  Schedules,
} from "@darkroom/ledger";
import { SnapshotCache } from "@darkroom/manifest";
import { awaitRedis, followServerClock, serverNow } from "@darkroom/redis-kit";
import type { Logger } from "@darkroom/runtime";
import { LaneSet } from "@darkroom/runtime/lane-set";
import { openRedis, type RedisSettings } from "@darkroom/runtime/open-redis";
import { DeliveryLog, WebhookQueue, WebhookStore } from "@darkroom/webhooks";
import { viewBatch } from "./batches/batch-view.ts";
import { IdempotencyKeys } from "./http/idempotency/idempotency-keys.ts";
import { LiveFeed } from "./feed/live-feed.ts";
import { LiveBatches } from "./batches/live-batches.ts";
import { lookAtFaces } from "./quotes/look-at-faces.ts";
import { lookInside } from "./quotes/look-inside.ts";
import { OutcomeIndexes } from "./portraits/outcome-indexes.ts";
import { OperationBook } from "./operations/operation-book.ts";
import { RunningOperations } from "./operations/running-operations.ts";
import type { Services } from "./services.ts";
import { keepSweeping } from "./uploads/sweep-uploads.ts";
import { UploadBook } from "./uploads/upload-book.ts";
import { UploadPlaces } from "./uploads/upload-places.ts";

/** How long a readiness check waits for Redis. */
const READY_TIMEOUT_MS = 2_000;

export interface ServiceOptions {
  readonly redis: RedisSettings;
  readonly lanes: LaneNames;
  readonly openStore: OpenStore;
  readonly prices: PriceTable;
  readonly manifestSources: Services["manifestSources"];
  readonly means: ProcessMeans;
  readonly laneProviders: Services["laneProviders"];
  readonly laneLimits: (lane: string) => LaneLimits;
  readonly breaker: Breaker | false;
  /** True to search the photos of a quote for faces. */
  readonly faces: boolean;
  readonly linkSecret: string;
  /** See `Settings`. */
  readonly uploadsUrl: string | undefined;
  readonly allowPrivateSources: boolean;
  readonly allowPrivateWebhooks: boolean;
  readonly metrics: Services["metrics"];
  /** Updates the metrics of a lane on each scrape. */
  readonly showLane: (name: string, blocked: Blocked | undefined, state: GateState, workers: number) => void;
  readonly log: Logger;
}

export interface OpenServices extends Services {
  close(): Promise<void>;
}

/**
 * Connects to Redis and assembles the routes' services.
 *
 * @throws DarkroomError `redis_unavailable` or `redis_unsuitable`
 */
export async function openServices(options: ServiceOptions): Promise<OpenServices> {
  const { log } = options;
  const { namespace } = options.redis;
  // A client is waiting, so a request fails at once while Redis is full.
  const opened = await openRedis({ settings: options.redis, name: "api", log, whenRefused: "fail" });
  const { redis, subscriber, connection } = opened;
  try {
    // Records the server epoch before the first batch is accepted, so that a later failover is detected.
    await new FailoverDetector(redis, namespace).start();
  } catch (error) {
    await opened.close();
    throw error;
  }
  const lanes = new LaneSet({ connection, redis, limitsOf: options.laneLimits });
  const { lane, gate } = lanes;
  const ledger = new Ledger(redis, namespace);
  const attendance = new Staffing(redis, namespace);
  const destinations = new BlockedDestinations(redis, namespace);
  const bus = new Bus(redis, subscriber, namespace);
  const liveFeed = new LiveFeed({
    feed: ledger.feed,
    bus,
    onError: (error) => log.warn({ err: error }, "reading the feed"),
  });
  const live = new LiveBatches({
    bus,
    feed: ledger.feed.batches,
    read: async (batchId) => {
      const record = await ledger.read(batchId);
      return record === undefined
        ? undefined
        : await viewBatch({ attendance, destinations, gate, lane, laneLimits: options.laneLimits, ledger }, record);
    },
    onError: (error) => log.warn({ err: error }, "watching a batch"),
  });
  const operationBook = new OperationBook(redis, namespace);
  const operations = new RunningOperations({ book: operationBook, log, nowMs: serverNow });
  const uploads = new UploadBook(redis, namespace);
  const uploadPlaces = new UploadPlaces(options.openStore, options.uploadsUrl);
  const stopSweeping = keepSweeping({ uploads, uploadPlaces, ledger }, (error) =>
    log.warn({ err: error }, "deleting expired uploads"),
  );
  const faces = new FaceFinder({
    enabled: options.faces,
    onUnavailable: (reason) => log.warn({ reason }, "faces cannot be found on this machine; quotes do not count them"),
  });
  return {
    uploads,
    uploadPlaces,
    keys: new KeyStore(redis, namespace),
    sessions: new SessionStore(redis, namespace),
    webhooks: new WebhookStore(redis, namespace),
    webhookQueue: new WebhookQueue(redis, namespace),
    deliveries: new DeliveryLog(redis, namespace),
    ledger,
    attendance,
    destinations,
    costs: new CostBook(redis, namespace),
    bus,
    schedules: new Schedules(redis, namespace),
    openStore: options.openStore,
    snapshot: new SnapshotCache(),
    idempotency: new IdempotencyKeys(redis, namespace),
    outcomes: new OutcomeIndexes(),
    operationBook,
    operations,
    live,
    liveFeed,
    lane,
    lanes: options.lanes,
    openRestore: (batchId) => new BatchRestore(redis, namespace, batchId),
    prices: options.prices,
    manifestSources: options.manifestSources,
    means: options.means,
    laneProviders: options.laneProviders,
    laneLimits: options.laneLimits,
    gate,
    lookInside,
    lookAtFaces: lookAtFaces(faces),
    allowPrivateSources: options.allowPrivateSources,
    allowPrivateWebhooks: options.allowPrivateWebhooks,
    breaker: options.breaker,
    linkSecret: options.linkSecret,
    metrics: {
      contentType: options.metrics.contentType,
      metrics: async () => {
        // Metrics are served even without Redis. The lanes then show their last known values.
        const shown = Object.keys(options.laneProviders).map(async (name) => {
          if (redis.status !== "ready") return;
          const [blocked, state, { present }] = await Promise.all([
            lane(name).blocked(),
            gate(name).state(),
            attendance.at(`worker:${name}`),
          ]);
          options.showLane(name, blocked, state, present);
        });
        await Promise.allSettled(shown);
        return await options.metrics.metrics();
      },
    },
    checkConnected: () => {
      if (redis.status === "ready") return;
      throw new DarkroomError("redis_unavailable", "Redis does not answer. Try again in a moment.", {
        retryable: true,
      });
    },
    followClock: () => followServerClock(redis, (sentence) => log.warn(sentence)),
    checkReady: () => awaitRedis(redis, READY_TIMEOUT_MS),
    close: async () => {
      stopSweeping();
      await operations.close();
      live.close();
      liveFeed.close();
      await faces.close();
      await lanes.close();
      await opened.close();
    },
  };
}
