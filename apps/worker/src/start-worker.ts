import pLimit from "p-limit";
import { DarkroomError, isEnded, messageOf } from "@darkroom/core";
import { isPaidAddress, type Settings } from "@darkroom/config";
import { MemoryBudget } from "@darkroom/imaging";
import { Gate, Lane, LaneWorker, type LaneConnection } from "@darkroom/lanes";
import { Attendance, BEAT_MS, BlockedDestinations, Bus, Continuity, Ledger, Presence } from "@darkroom/ledger";
import { SnapshotCache } from "@darkroom/manifest";
import type { Provider } from "@darkroom/provider-kit";
import { closeWithin, awaitRedis, checkRedis, closeRedis, connectRedis, saySeldom } from "@darkroom/redis-kit";
import { openStores } from "@darkroom/storage";
import { showBlocked, showLimits, type Logger, type Metrics } from "@darkroom/telemetry";
import { RemoteSources, ResultDownloads } from "@darkroom/web-fetch";
import { answerDoubts } from "./answer-doubts.ts";
import { BatchCache } from "./batch-cache.ts";
import type { LaneContext, WorkerContext } from "./context.ts";
import { createProvider } from "./create-provider.ts";
import { Destinations } from "./destinations.ts";
import { keepClaims } from "./keep-claims.ts";
import { keyMark } from "./key-mark.ts";
import { LivePortraits, WorkerStops } from "./live-portraits.ts";
import { nudger, progressTeller } from "./signals.ts";
import { runPortrait } from "./run-portrait.ts";
import { SessionClearer } from "./session-clearer.ts";

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
/** After the grace period, runs get this long to hand their portraits back. */
const HAND_BACK_MS = 5_000;

export interface RunningWorker {
  /** Portraits that run here now. */
  readonly running: number;
  /** Takes no more work, lets what runs end within the grace period, hands the rest back. */
  close(): Promise<void>;
}

export interface WorkerParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** How far apart the clocks of those who create batches may be; 0 where all is on this machine. Defaults to a minute. */
  readonly clockSkewMs?: number | undefined;
}

/** Starts a worker for every lane of the settings. */
export async function startWorker(
  settings: Settings,
  { log, metrics, clockSkewMs }: WorkerParts,
): Promise<RunningWorker> {
  const { redis: redisSettings, timing, lane: laneSettings, providers } = settings;
  if (providers.accounts.length === 0) {
    throw new DarkroomError(
      "invalid_settings",
      "No provider is set up: set EACHLABS_API_KEY, PHOTA_API_KEY or DARKROOM_ACCOUNTS, or run with the twin.",
    );
  }
  const { url, access } = redisSettings;
  const onError = saySeldom((error) => log.warn({ err: error }, `redis or queue: ${messageOf(error)}`));
  const redis = connectRedis({ url, access, name: "darkroom-worker", onError });
  const subscriber = connectRedis({ url, access, name: "darkroom-worker-bus", onError });
  await awaitRedis(redis, REDIS_START_MS).catch(async (error: unknown) => {
    await Promise.all([closeRedis(redis), closeRedis(subscriber)]);
    throw error;
  });
  for (const warning of await checkRedis(redis, redisSettings.allowUnsafe)) log.warn(warning);

  const connection: LaneConnection = { redisUrl: url, access, namespace: redisSettings.namespace, onError };
  const ledger = new Ledger(redis, redisSettings.namespace);
  const presence = new Presence(redis, redisSettings.namespace);
  const continuity = new Continuity(redis, redisSettings.namespace, clockSkewMs);
  const bus = new Bus(redis, subscriber, redisSettings.namespace);
  const stores = openStores({ s3: settings.s3, local: settings.local, proxy: settings.proxy });
  const live = new LivePortraits();
  const lanes = new Map<string, Lane>();
  const openLane = (name: string): Lane => {
    const account = providers.accounts.find((each) => each.lane === name);
    const options = { firstProbeMs: timing.probeMs, keyMark: keyMark(account?.apiKey) };
    const lane = lanes.get(name) ?? new Lane(connection, redis, name, options);
    lanes.set(name, lane);
    return lane;
  };
  const servedProviders = new Map<string, Provider>();
  const context: WorkerContext = {
    ledger,
    bus,
    presence,
    continuity,
    openStore: stores.open,
    destinations: new Destinations({
      state: new BlockedDestinations(redis, redisSettings.namespace),
      bus,
      openStore: stores.open,
      log,
      metrics,
    }),
    snapshot: new SnapshotCache(),
    batches: new BatchCache(ledger, continuity),
    live,
    preparing: pLimit(PREPARED_AT_ONCE),
    pictureMemory: new MemoryBudget(settings.imageMemoryBytes),
    answerMemory: new MemoryBudget(settings.imageMemoryBytes),
    storing: pLimit(STORED_AT_ONCE),
    downloads: new ResultDownloads({ allowPrivate: mayGivePrivateResults(providers), proxy: settings.proxy }),
    remoteSources: new RemoteSources({ allowPrivate: providers.allowPrivateSources, proxy: settings.proxy }),
    timing: { ...timing, lookMs: Math.min(LOOK_MS, timing.backoff.baseMs) },
    log,
    metrics,
    random: Math.random,
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
      leaseMs: GATE_LEASE_MS,
    });
    const laneContext: LaneContext = { lane, gate, provider, concurrency, outage };
    const worker = new LaneWorker(connection, {
      lane: name,
      concurrency: laneSettings.workerConcurrency ?? concurrency,
      lockMs: timing.lockMs,
      run: (job, controller) => runPortrait(context, laneContext, job, controller),
      onError,
    });
    const { leftSessions: sessions } = lane;
    const clearer = new SessionClearer({ lane: name, sessions, provider, firstWaitMs: timing.probeMs, log });
    return { lane, gate, worker, provider, clearer };
  });

  await presence.start();
  await continuity.start();
  const stopListening = await bus.onControl((message) => {
    if (message.type === "batch-cancelled") live.cancelBatch(message.batch);
    context.destinations.take(message).catch((error: unknown) => log.warn(`destinations: ${messageOf(error)}`));
    if (message.type !== "lane-blocked" && message.type !== "lane-unblocked") return;
    const reason = message.type === "lane-blocked" ? message.reason : undefined;
    for (const { lane, clearer } of serving) {
      if (lane.name !== message.lane) continue;
      showBlocked(metrics, message.lane, reason);
      if (reason === undefined) clearer.wake();
    }
  });
  // Messages can be lost: what runs here is also looked after from time to time.
  const rounds = setInterval(() => {
    for (const { clearer } of serving) clearer.tick();
    context.destinations.tick().catch((error: unknown) => log.warn(`destinations: ${messageOf(error)}`));
    keepUp(context, serving).catch((error: unknown) => log.warn(`keeping up: ${messageOf(error)}`));
  }, BEAT_MS);
  await context.destinations.tick();
  for (const { worker } of serving) worker.start();
  const posts = serving.map(({ lane }) => `worker:${lane.name}` as const);
  const leave = await new Attendance(redis, redisSettings.namespace).attend(presence.workerId, posts);
  log.info({ worker: presence.workerId, lanes: serving.map(({ lane }) => lane.name) }, "worker started");

  return {
    get running() {
      return serving.reduce((sum, { worker }) => sum + worker.running, 0);
    },
    close: async () => {
      await Promise.all(serving.map(({ worker }) => worker.quiet()));
      await Promise.all(
        serving.map(async ({ worker }) => {
          if (await worker.drain(timing.graceMs)) return;
          worker.abort(new WorkerStops());
          await worker.drain(HAND_BACK_MS);
        }),
      );
      clearInterval(rounds);
      const left = serving.reduce((sum, { worker }) => sum + worker.running, 0);
      await closeWithin(() => presence.stop(left === 0));
      await closeWithin(leave);
      await closeWithin(stopListening);
      await Promise.all(
        serving.map(async ({ worker, provider, clearer }) => {
          await worker.close();
          await clearer.close();
          await provider.close();
        }),
      );
      await Promise.all([...lanes.values()].map((lane) => lane.close()));
      await Promise.all([context.downloads.close(), context.remoteSources.close(), stores.close()]);
      await Promise.all([closeRedis(redis), closeRedis(subscriber)]);
    },
  };
}

interface Serving {
  readonly lane: Lane;
  readonly gate: Gate;
  readonly worker: LaneWorker;
}

async function keepUp(context: WorkerContext, serving: readonly Serving[]): Promise<void> {
  const { live, ledger, metrics, presence } = context;
  await keepClaims(context);
  for (const { lane, gate, worker } of serving) {
    await gate.renew(live.tokens);
    metrics.running.set({ lane: lane.name }, worker.running);
    showBlocked(metrics, lane.name, (await lane.blocked())?.reason);
    showLimits(metrics, lane.name, await gate.state(), Date.now());
  }
  await presence.prune();
  await answerDoubts(context);
  for (const batchId of live.batches) {
    const record = await ledger.read(batchId);
    if (record?.endsRunning === true || (record !== undefined && isEnded(record.state))) live.cancelBatch(batchId);
  }
}

/** A provider whose address somebody has set, the twin for one, may be in a private network with all that it makes. */
function mayGivePrivateResults({ allowPrivateSources, accounts }: Settings["providers"]): boolean {
  return allowPrivateSources || accounts.some(({ baseUrl }) => baseUrl !== undefined && !isPaidAddress(baseUrl));
}
