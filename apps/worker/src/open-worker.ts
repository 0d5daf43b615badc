import pLimit from "p-limit";
import { accountMark, isPaidAddress, meansOf, type Account, type Settings } from "@darkroom/config";
import { messageOf, OwnMeans, type ProcessMeans } from "@darkroom/core";
import { MemoryBudget } from "@darkroom/imaging";
import { Gate, Lane, type LaneConnection } from "@darkroom/lanes";
import {
  Staffing,
  BEAT_MS,
  BlockedDestinations,
  Bus,
  FailoverDetector,
  Ledger,
  WorkerHeartbeats,
  ResultOwners,
} from "@darkroom/ledger";
import { SnapshotCache } from "@darkroom/manifest";
import type { Provider } from "@darkroom/provider-kit";
import {
  awaitRedis,
  checkRedis,
  closeRedis,
  closeWithin,
  connectRedis,
  followServerClock,
  saySeldom,
  type RedisConnection,
} from "@darkroom/redis-kit";
import { openStores } from "@darkroom/storage";
import type { Logger, Metrics } from "@darkroom/runtime";
import { RemoteSources, ResultDownloads } from "@darkroom/web-fetch";
import { BatchCache } from "./claims/batch-cache.ts";
import type { LaneContext, WorkerContext } from "./run/worker-context.ts";
import { createProvider } from "./lanes/create-provider.ts";
import { Destinations } from "./destinations/destinations.ts";
import { RunningPortraits } from "./claims/running-portraits.ts";
import { nudger, progressTeller } from "./run/worker-events.ts";
import { watched } from "./destinations/watched-destination.ts";

/** Leases at the gate outlive this many missed renewals. */
const GATE_LEASE_MS = 12 * BEAT_MS;
/** Photos looked at together: thousands that begin at once would hold their first bytes all at the same time. */
const PREPARED_AT_ONCE = 64;
/** Portraits whose source and results are in memory together, over the process. */
const STORED_AT_ONCE = 16;
/** Between two looks for a lost answer; shorter where the backoff is. */
const LOOK_MS = 5_000;
/** Redis must answer within this at the start. */
const REDIS_START_MS = 15_000;

export interface WorkerParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** How far apart the clocks of those who create batches may be; 0 where all is on this machine. Defaults to a minute. */
  readonly clockSkewMs?: number | undefined;
  /** The batches that it works on. Defaults to all. */
  readonly batches?: ProcessMeans["batches"] | undefined;
}

/** Everything that portraits are worked on with, in a worker or in a process that has one portrait alone. */
export interface OpenWorker {
  readonly redis: RedisConnection;
  readonly connection: LaneConnection;
  readonly context: WorkerContext;
  readonly serving: readonly { readonly account: Account; readonly laneContext: LaneContext }[];
  close(): Promise<void>;
}

/** Connects to all that a worker needs; takes no work. */
export async function openWorker(
  settings: Settings,
  { log, metrics, clockSkewMs, batches }: WorkerParts,
  isolated: WorkerContext["isolated"],
): Promise<OpenWorker> {
  const { redis: redisSettings, timing, lane: laneSettings, providers } = settings;
  const { url, access } = redisSettings;
  const onError = saySeldom((error) => log.warn({ err: error }, `redis or queue: ${messageOf(error)}`));
  const redis = connectRedis({ url, access, name: "darkroom-worker", onError });
  const subscriber = connectRedis({ url, access, name: "darkroom-worker-bus", onError });
  await awaitRedis(redis, REDIS_START_MS).catch(async (error: unknown) => {
    await Promise.all([closeRedis(redis), closeRedis(subscriber)]);
    throw error;
  });
  await followServerClock(redis, (sentence) => log.warn(sentence));
  for (const warning of await checkRedis(redis, redisSettings.allowUnsafe)) log.warn(warning);

  const connection: LaneConnection = { redisUrl: url, access, namespace: redisSettings.namespace, onError };
  const ledger = new Ledger(redis, redisSettings.namespace);
  const heartbeats = new WorkerHeartbeats(redis, redisSettings.namespace);
  const failover = new FailoverDetector(redis, redisSettings.namespace, clockSkewMs);
  const bus = new Bus(redis, subscriber, redisSettings.namespace);
  const stores = openStores({ s3: settings.s3, local: settings.local, proxy: settings.proxy });
  const running = new RunningPortraits();
  const lanes = new Map<string, Lane>();
  const openLane = (name: string): Lane => {
    const account = providers.accounts.find((each) => each.lane === name);
    const keyMark = account === undefined ? "" : accountMark(account.apiKey);
    const options = { firstProbeMs: timing.probeMs, keyMark };
    const lane = lanes.get(name) ?? new Lane(connection, redis, name, options);
    lanes.set(name, lane);
    return lane;
  };
  const servedProviders = new Map<string, Provider>();
  const context: WorkerContext = {
    ledger,
    bus,
    heartbeats,
    staffing: new Staffing(redis, redisSettings.namespace),
    means: new OwnMeans(meansOf(settings, batches), { openStore: stores.open }),
    failover,
    openStore: stores.open,
    destinations: new Destinations({
      state: new BlockedDestinations(redis, redisSettings.namespace),
      bus,
      openStore: stores.open,
      log,
      metrics,
    }),
    openNotes: (batch, deliveredUrl) => watched(context, batch, deliveredUrl),
    snapshot: new SnapshotCache(),
    batches: new BatchCache(ledger, failover),
    running,
    restingLanes: new Set(),
    owners: new ResultOwners(redis, redisSettings.namespace),
    preparing: pLimit(PREPARED_AT_ONCE),
    pictureMemory: new MemoryBudget(settings.imageMemoryBytes),
    answerMemory: new MemoryBudget(settings.imageMemoryBytes),
    outgrownAnswers: new MemoryBudget(1),
    resultMemory: new MemoryBudget(settings.imageMemoryBytes),
    storing: pLimit(STORED_AT_ONCE),
    downloads: new ResultDownloads({ allowPrivate: mayGivePrivateResults(providers), proxy: settings.proxy }),
    remoteSources: new RemoteSources({ allowPrivate: providers.allowPrivateSources, proxy: settings.proxy }),
    timing: { ...timing, lookMs: Math.min(LOOK_MS, timing.backoff.baseMs) },
    log,
    metrics,
    random: Math.random,
    isolated,
    progress: progressTeller(bus),
    providerOf: (name) => servedProviders.get(name),
    openLane,
    nudge: nudger(bus),
  };

  const serving = providers.accounts.map((account) => {
    const { lane: name, concurrency, ratePerMinute } = account;
    const { outage } = laneSettings;
    const provider = createProvider(account, settings.proxy);
    servedProviders.set(name, provider);
    const lane = openLane(name);
    const gate = new Gate(redis, redisSettings.namespace, name, {
      concurrency,
      ...(ratePerMinute === undefined ? {} : { ratePerMinute }),
      longestHoldMs: timing.retryAfterCapMs,
      leaseMs: GATE_LEASE_MS,
    });
    const laneContext: LaneContext = { lane, gate, provider, concurrency, outage };
    return { account, laneContext };
  });

  return {
    redis,
    connection,
    context,
    serving,
    close: async () => {
      await Promise.all([...servedProviders.values()].map((provider) => provider.close()));
      await Promise.all([...lanes.values()].map((lane) => lane.close()));
      await Promise.all([context.downloads.close(), context.remoteSources.close(), stores.close()]);
      await closeWithin(() => context.owners.flush());
      await Promise.all([closeRedis(redis), closeRedis(subscriber)]);
    },
  };
}

/** A provider whose address somebody has set, the twin for one, may be in a private network with all that it makes. */
function mayGivePrivateResults({ allowPrivateSources, accounts }: Settings["providers"]): boolean {
  return allowPrivateSources || accounts.some(({ baseUrl }) => baseUrl !== undefined && !isPaidAddress(baseUrl));
}
