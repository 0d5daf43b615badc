import pLimit from "p-limit";
import { accountMark, isPaidAddress, limitsOfLane, meansOf, type Account, type Settings } from "@darkroom/config";
import { OwnMeans, type ProcessMeans } from "@darkroom/core";
import { FaceFinder } from "@darkroom/faces";
import { MemoryBudget } from "@darkroom/imaging";
import type { LaneConnection } from "@darkroom/lanes";
import {
  Staffing,
  BlockedDestinations,
  Bus,
  FailoverDetector,
  Ledger,
  WorkerHeartbeats,
  ResultOwners,
} from "@darkroom/ledger";
import { SnapshotCache } from "@darkroom/manifest";
import type { Provider } from "@darkroom/provider-kit";
import { closeWithin, type RedisConnection } from "@darkroom/redis-kit";
import type { Logger, Metrics } from "@darkroom/runtime";
import { LaneSet } from "@darkroom/runtime/lane-set";
import { openRedis } from "@darkroom/runtime/open-redis";
import { openStores } from "@darkroom/storage";
import { RemoteSources, ResultDownloads } from "@darkroom/web-fetch";
import { BatchCache } from "./claims/batch-cache.ts";
import type { LaneContext, WorkerContext } from "./run/worker-context.ts";
import { createProvider } from "./lanes/create-provider.ts";
import { Destinations } from "./destinations/destinations.ts";
import { RunningPortraits } from "./claims/running-portraits.ts";
import { noteRefusedKeys } from "./lanes/note-refused-keys.ts";
import { nudger, progressTeller } from "./run/worker-events.ts";
import { watched } from "./destinations/watched-destination.ts";

/** Limit of photos prepared in parallel, because each holds its first bytes in memory. */
const PREPARED_AT_ONCE = 64;
/** Limit of portraits per process with their source and results in memory. */
const STORED_AT_ONCE = 16;
/** Interval between recalls of a lost answer. A shorter backoff takes precedence. */
const LOOK_MS = 5_000;

export interface WorkerParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /**
   * Maximum clock skew between submitting machines. 0 when all processes run on this machine. Defaults to one minute.
   */
  readonly clockSkewMs?: number | undefined;
  /** Batches to work on. Defaults to all. */
  readonly batches?: ProcessMeans["batches"] | undefined;
}

/** The resources that portraits need, in a worker or in an isolated process. */
export interface OpenWorker {
  readonly redis: RedisConnection;
  readonly connection: LaneConnection;
  readonly context: WorkerContext;
  readonly serving: readonly { readonly account: Account; readonly laneContext: LaneContext }[];
  close(): Promise<void>;
}

/** Opens all resources of a worker without taking work. */
export async function openWorker(
  settings: Settings,
  { log, metrics, clockSkewMs, batches }: WorkerParts,
  isolated: WorkerContext["isolated"],
): Promise<OpenWorker> {
  const { redis: redisSettings, timing, lane: laneSettings, providers } = settings;
  const { namespace } = redisSettings;
  const { redis, subscriber, connection, close } = await openRedis({ settings: redisSettings, name: "worker", log });
  const ledger = new Ledger(redis, namespace);
  const heartbeats = new WorkerHeartbeats(redis, namespace);
  const failover = new FailoverDetector(redis, namespace, clockSkewMs);
  const bus = new Bus(redis, subscriber, namespace);
  const stores = openStores({ s3: settings.s3, local: settings.local, proxy: settings.proxy });
  const running = new RunningPortraits();
  const lanes = new LaneSet({
    connection,
    redis,
    limitsOf: (name) => limitsOfLane(settings, name),
    optionsOf: (name) => {
      const account = providers.accounts.find((each) => each.lane === name);
      return { firstProbeMs: timing.probeMs, keyMark: account === undefined ? "" : accountMark(account.apiKey) };
    },
  });
  const servedProviders = new Map<string, Provider>();
  const context: WorkerContext = {
    ledger,
    bus,
    heartbeats,
    staffing: new Staffing(redis, namespace),
    means: new OwnMeans(meansOf(settings, batches), { openStore: stores.open }),
    failover,
    openStore: stores.open,
    destinations: new Destinations({
      state: new BlockedDestinations(redis, namespace),
      bus,
      openStore: stores.open,
      log,
      metrics,
    }),
    openNotes: (batch, deliveredUrl) => watched(context, batch, deliveredUrl),
    snapshot: new SnapshotCache(),
    batches: new BatchCache(ledger, failover),
    running,
    blockedLanes: new Set(),
    owners: new ResultOwners(redis, namespace),
    preparing: pLimit(PREPARED_AT_ONCE),
    pictureMemory: new MemoryBudget(settings.imageMemoryBytes),
    answerMemory: new MemoryBudget(settings.imageMemoryBytes),
    outgrownAnswers: new MemoryBudget(1),
    resultMemory: new MemoryBudget(settings.imageMemoryBytes),
    thumbnails: settings.thumbnails,
    faces: new FaceFinder({
      enabled: settings.faces,
      onUnavailable: (reason) => log.warn({ reason }, "faces cannot be found on this machine; photos are not checked"),
    }),
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
    openLane: lanes.lane,
    nudge: nudger(bus),
  };

  const serving = providers.accounts.map((account) => {
    const { lane: name, concurrency } = account;
    const provider = createProvider(account, settings.proxy);
    servedProviders.set(name, provider);
    const { outage } = laneSettings;
    const laneContext: LaneContext = { lane: lanes.lane(name), gate: lanes.gate(name), provider, concurrency, outage };
    return { account, laneContext };
  });

  await noteRefusedKeys(context.means, serving);
  return {
    redis,
    connection,
    context,
    serving,
    close: async () => {
      await Promise.all([...servedProviders.values()].map((provider) => provider.close()));
      await lanes.close();
      await context.faces.close();
      await Promise.all([context.downloads.close(), context.remoteSources.close(), stores.close()]);
      await closeWithin(() => context.owners.flush());
      await close();
    },
  };
}

/** A provider at a configured address, such as the simulator, may serve results from a private network. */
function mayGivePrivateResults({ allowPrivateSources, accounts }: Settings["providers"]): boolean {
  return allowPrivateSources || accounts.some(({ baseUrl }) => baseUrl !== undefined && !isPaidAddress(baseUrl));
}
