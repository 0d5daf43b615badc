import { OwnMeans, type ProcessMeans } from "@darkroom/core";
import { laneNames, laneProviders, limitsOfLane, meansOf, type Settings } from "@darkroom/config";
import {
  Staffing,
  BlockedDestinations,
  Bus,
  FailoverDetector,
  CostBook,
  Ledger,
  WorkerHeartbeats,
  Schedules,
  sharedKeys,
} from "@darkroom/ledger";
import { closeWithin, followServerClock, Lease } from "@darkroom/redis-kit";
import type { Logger, Metrics } from "@darkroom/runtime";
import { LaneSet } from "@darkroom/runtime/lane-set";
import { openRedis } from "@darkroom/runtime/open-redis";
import { openStores } from "@darkroom/storage";
import { WebhookQueue, WebhookStore } from "@darkroom/webhooks";
import type { ProducerContext } from "./context.ts";
import { Reconciler } from "./reconciler.ts";
import { LEASE_MS } from "./dispatch/intervals.ts";
import { runReconcileLoop } from "./reconcile-loop.ts";
import { runWebhooks } from "./webhooks/run-webhooks.ts";

/** Interval between comparisons of the local clock with Redis. */
const CLOCK_MS = 30_000;

export interface RunningProducer {
  close(): Promise<void>;
}

export interface ProducerParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /**
   * Maximum clock skew between submitting machines. 0 when all processes run on this machine. Defaults to one minute.
   */
  readonly clockSkewMs?: number | undefined;
  /** Batches to work on. Defaults to all. */
  readonly batches?: ProcessMeans["batches"] | undefined;
  /** Schedules to run. Defaults to all if this producer works on all batches, otherwise to none. */
  readonly schedules?: "all" | readonly string[] | undefined;
  /** The clock of schedules (epoch ms). Defaults to Redis' clock. */
  readonly scheduleClock?: (() => number) | undefined;
}

/** Starts a producer: ingest, dispatch, reports and schedules, shared with other producers through leases. */
export async function startProducer(
  settings: Settings,
  { log, metrics, clockSkewMs, batches, ...parts }: ProducerParts,
): Promise<RunningProducer> {
  const { namespace } = settings.redis;
  const { redis, subscriber, connection, close } = await openRedis({ settings: settings.redis, name: "producer", log });
  const lanes = new LaneSet({
    connection,
    redis,
    limitsOf: (name) => limitsOfLane(settings, name),
    optionsOf: () => ({ firstProbeMs: settings.timing.probeMs }),
  });
  const stores = openStores({ s3: settings.s3, local: settings.local, proxy: settings.proxy });
  const stopping = new AbortController();
  const leases = new Map<string, Lease>();
  const keys = sharedKeys(namespace);
  const presence = new WorkerHeartbeats(redis, namespace);
  const attendance = new Staffing(redis, namespace);
  const means = new OwnMeans(meansOf(settings, batches), { openStore: stores.open });
  const schedules = parts.schedules ?? (means.current.batches === "all" ? "all" : []);
  const context: ProducerContext = {
    attendance,
    means,
    ledger: new Ledger(redis, namespace),
    destinations: new BlockedDestinations(redis, namespace),
    costs: new CostBook(redis, namespace),
    bus: new Bus(redis, subscriber, namespace),
    continuity: new FailoverDetector(redis, namespace, clockSkewMs),
    schedules: new Schedules(redis, namespace),
    openStore: stores.open,
    log,
    metrics,
    lanes: laneNames(settings),
    prices: settings.providers.prices,
    manifestSources: settings.manifestSources,
    breaker: settings.breaker,
    csvSeparator: settings.csvSeparator,
    laneProviders: laneProviders(settings),
    laneLimits: (name) => limitsOfLane(settings, name),
    gate: lanes.gate,
    lane: lanes.lane,
    lease: (what) => {
      const lease = leases.get(what) ?? new Lease(redis, keys.lease(what), LEASE_MS);
      leases.set(what, lease);
      return lease;
    },
    forgetLease: (what) => {
      leases
        .get(what)
        ?.release()
        .catch(() => undefined);
      leases.delete(what);
    },
    signal: stopping.signal,
  };
  for (const name of Object.keys(context.laneProviders)) {
    if ((await context.lane(name).blocked()) !== undefined) continue;
    await context.lane(name).setConcurrency((await context.gate(name).state()).concurrency);
  }
  await context.continuity.start();
  await presence.start();
  const reconciler = new Reconciler(context, presence, { schedules, now: parts.scheduleClock });
  const loop = runReconcileLoop(context, reconciler);
  const delivering = runWebhooks({
    ...context,
    webhooks: new WebhookStore(redis, namespace),
    queue: new WebhookQueue(redis, namespace),
    proxy: settings.proxy,
    allowPrivate: settings.webhooks.allowPrivate,
  });
  const clock = setInterval(() => {
    followServerClock(redis, (sentence) => log.warn(sentence)).catch(() => undefined);
  }, CLOCK_MS);
  const leave = await attendance.attend(presence.workerId, ["producer"], () => means.current);
  log.info("producer started");

  return {
    close: async () => {
      stopping.abort(new Error("the producer is stopping"));
      clearInterval(clock);
      await Promise.all([loop, delivering]);
      await reconciler.settle();
      await closeWithin(() => Promise.all([...leases.values()].map((lease) => lease.release().catch(() => undefined))));
      await closeWithin(() => presence.stop(true));
      await closeWithin(leave);
      await lanes.close();
      await stores.close();
      await close();
    },
  };
}
