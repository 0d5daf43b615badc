import {
  DarkroomError,
  type Blocked,
  type Breaker,
  type OpenStore,
  type PriceTable,
  type ProcessMeans,
} from "@darkroom/core";
import type { LaneLimits, LaneNames } from "@darkroom/intake";
import { Gate, Lane, TickQueue, type GateState } from "@darkroom/lanes";
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
import {
  awaitRedis,
  checkRedis,
  closeRedis,
  connectRedis,
  followServerClock,
  saySeldom,
  type RedisAccess,
} from "@darkroom/redis-kit";
import { viewBatch } from "./batch-view.ts";
import { IdempotencyKeys } from "./idempotency-keys.ts";
import { LiveBatches } from "./live-batches.ts";
import { lookInside } from "./look-inside.ts";
import type { Services } from "./services.ts";

/** How long to wait for Redis at the start, and when somebody asks whether we can serve. */
const START_TIMEOUT_MS = 10_000;
const READY_TIMEOUT_MS = 2_000;

export interface ServiceOptions {
  readonly redisUrl: string;
  readonly redisAccess: RedisAccess;
  readonly namespace: string;
  readonly allowUnsafeRedis: boolean;
  readonly lanes: LaneNames;
  readonly openStore: OpenStore;
  readonly prices: PriceTable;
  readonly manifestSources: Services["manifestSources"];
  readonly means: ProcessMeans;
  readonly laneProviders: Services["laneProviders"];
  readonly laneLimits: (lane: string) => LaneLimits;
  readonly breaker: Breaker | false;
  readonly linkSecret: string;
  readonly allowPrivateSources: boolean;
  readonly metrics: Services["metrics"];
  /** Puts how a lane stands into the metrics, as they are asked for. */
  readonly showLane: (name: string, blocked: Blocked | undefined, state: GateState, workers: number) => void;
  readonly warn: (message: string, error?: unknown) => void;
}

export interface OpenServices extends Services {
  close(): Promise<void>;
}

/**
 * Connects to Redis and puts together what the routes work with.
 *
 * @throws DarkroomError `redis_unavailable` or `redis_unsuitable`
 */
export async function openServices(options: ServiceOptions): Promise<OpenServices> {
  const { redisUrl, redisAccess: access, namespace, warn } = options;
  const onError = saySeldom((error) => warn("Redis connection", error));
  // Somebody waits for the answer: a full Redis is told, and not waited for.
  const common = { url: redisUrl, access, onError, whenRefused: "fail" } as const;
  const redis = connectRedis({ ...common, name: "darkroom-api" });
  const subscriber = connectRedis({ ...common, name: "darkroom-api-events", autoPipelining: false });
  const closeConnections = async (): Promise<void> => {
    await Promise.all([closeRedis(redis), closeRedis(subscriber)]);
  };
  try {
    await awaitRedis(redis, START_TIMEOUT_MS);
    for (const warning of await checkRedis(redis, options.allowUnsafeRedis)) warn(`Redis: ${warning}`);
    // Batches that are taken from here on are of this run of Redis, whenever a worker first looks.
    await new FailoverDetector(redis, namespace).start();
  } catch (error) {
    await closeConnections();
    throw error;
  }
  const laneConnection = { redisUrl, access, namespace, onError, whenRefused: "fail" } as const;
  const lanes = new Map<string, Lane>();
  const lane = (name: string): Lane => {
    const open = lanes.get(name) ?? new Lane(laneConnection, redis, name);
    lanes.set(name, open);
    return open;
  };
  const gate = (name: string): Gate => new Gate(redis, namespace, name, options.laneLimits(name));
  const ledger = new Ledger(redis, namespace);
  const attendance = new Staffing(redis, namespace);
  const destinations = new BlockedDestinations(redis, namespace);
  const bus = new Bus(redis, subscriber, namespace);
  const ticks = new TickQueue(laneConnection);
  const live = new LiveBatches({
    bus,
    read: async (batchId) => {
      const record = await ledger.read(batchId);
      return record === undefined
        ? undefined
        : await viewBatch({ attendance, destinations, gate, lane, laneLimits: options.laneLimits, ledger }, record);
    },
    onError: (error) => warn("watching a batch", error),
  });
  return {
    ledger,
    attendance,
    destinations,
    costs: new CostBook(redis, namespace),
    bus,
    schedules: new Schedules(redis, namespace),
    ticks,
    openStore: options.openStore,
    snapshot: new SnapshotCache(),
    idempotency: new IdempotencyKeys(redis, namespace),
    live,
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
    allowPrivateSources: options.allowPrivateSources,
    breaker: options.breaker,
    linkSecret: options.linkSecret,
    metrics: {
      contentType: options.metrics.contentType,
      metrics: async () => {
        // Metrics are served also where Redis is away; of the lanes they then say what was known last.
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
      throw new DarkroomError("redis_unavailable", "Redis does not answer at present. Try again in a moment.", {
        retryable: true,
      });
    },
    followClock: () => followServerClock(redis, (sentence) => warn(sentence)),
    checkReady: () => awaitRedis(redis, READY_TIMEOUT_MS),
    close: async () => {
      live.close();
      await Promise.all([...lanes.values()].map((open) => open.close()));
      await ticks.close();
      await closeConnections();
    },
  };
}
