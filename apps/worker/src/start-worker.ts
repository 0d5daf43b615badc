import { DarkroomError, isEnded, messageOf } from "@darkroom/core";
import type { Settings } from "@darkroom/config";
import { LaneWorker, type Gate, type Lane } from "@darkroom/lanes";
import { BEAT_MS } from "@darkroom/ledger";
import { closeWithin, followServerClock } from "@darkroom/redis-kit";
import { showBlocked, showLimits } from "@darkroom/runtime";
import { releaseOrphanedClaims } from "./claims/release-orphaned-claims.ts";
import type { WorkerContext } from "./run/worker-context.ts";
import { IsolatedRuns } from "./isolated/isolated-runs.ts";
import { reassertClaims } from "./claims/reassert-claims.ts";
import { WorkerStops } from "./claims/abort-reasons.ts";
import { openWorker, type WorkerParts } from "./open-worker.ts";
import { runPortrait } from "./run/run-portrait.ts";
import { noteRefusedKeys } from "./lanes/note-refused-keys.ts";
import { SessionClearer } from "./lanes/session-clearer.ts";

/** Time for runs to hand their portraits back after the grace period. */
const HAND_BACK_MS = 5_000;

export interface RunningWorker {
  /** Portraits running in this process. */
  readonly running: number;
  /** Stops taking work, finishes running portraits within the grace period, and hands the rest back. */
  close(): Promise<void>;
}

/** Starts a worker for every configured lane. */
export async function startWorker(
  settings: Settings,
  { log, metrics, clockSkewMs, batches }: WorkerParts,
): Promise<RunningWorker> {
  const { timing, lane: laneSettings, providers } = settings;
  if (providers.accounts.length === 0) {
    throw new DarkroomError(
      "invalid_settings",
      "No provider is set up: set EACHLABS_API_KEY, PHOTA_API_KEY or DARKROOM_ACCOUNTS, or run with the twin.",
    );
  }
  const isolated = new IsolatedRuns({ settings, clockSkewMs, log });
  const worker = await openWorker(settings, { log, metrics, clockSkewMs, batches }, isolated);
  const { redis, connection, context } = worker;
  const { heartbeats, failover, bus, running } = context;
  const serving = worker.serving.map(({ account: { lane: name }, laneContext }) => {
    const { lane, gate, provider, concurrency } = laneContext;
    const laneWorker = new LaneWorker(connection, {
      lane: name,
      concurrency: laneSettings.workerConcurrency ?? concurrency,
      lockMs: timing.lockMs,
      run: (job, controller) => runPortrait(context, laneContext, job, controller),
      onError: connection.onError,
    });
    const { leftSessions: sessions } = lane;
    const clearer = new SessionClearer({ lane: name, sessions, provider, firstWaitMs: timing.probeMs, log });
    return { lane, gate, concurrency, worker: laneWorker, clearer };
  });

  await heartbeats.start();
  await failover.start();
  const stopListening = await bus.onControl((message) => {
    if (message.type === "batch-cancelled") running.cancelBatch(message.batch);
    context.destinations
      .take(message)
      .catch((error: unknown) => log.warn(`checking destinations failed: ${messageOf(error)}`));
    if (message.type !== "lane-blocked" && message.type !== "lane-unblocked") return;
    const reason = message.type === "lane-blocked" ? message.reason : undefined;
    for (const { lane, clearer } of serving) {
      if (lane.name !== message.lane) continue;
      showBlocked(metrics, message.lane, reason);
      noteBlocked(context, message.lane, reason !== undefined);
      if (reason === undefined) clearer.wake();
    }
  });
  // Messages can be lost, so the worker also polls.
  const upkeep = setInterval(() => {
    for (const { clearer } of serving) clearer.tick();
    context.destinations
      .tick()
      .catch((error: unknown) => log.warn(`checking destinations failed: ${messageOf(error)}`));
    followServerClock(redis, (sentence) => log.warn(sentence)).catch(() => undefined);
    noteRefusedKeys(context.means, worker.serving).catch((error: unknown) =>
      log.warn(`reading refused keys failed: ${messageOf(error)}`),
    );
    runUpkeep(context, serving).catch((error: unknown) => log.warn(`worker upkeep failed: ${messageOf(error)}`));
  }, BEAT_MS);
  await context.destinations.tick();
  for (const { lane, concurrency, worker } of serving) {
    if (await lane.serve(concurrency)) await bus.tell({ type: "lane-unblocked", lane: lane.name });
    worker.start();
  }
  const posts = serving.map(({ lane }) => `worker:${lane.name}` as const);
  const leave = await context.staffing.attend(heartbeats.workerId, posts, () => context.means.current);
  log.info({ worker: heartbeats.workerId, lanes: serving.map(({ lane }) => lane.name) }, "worker started");

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
      clearInterval(upkeep);
      const left = serving.reduce((sum, { worker }) => sum + worker.running, 0);
      await closeWithin(() => heartbeats.stop(left === 0));
      await closeWithin(leave);
      await closeWithin(stopListening);
      isolated.close();
      await Promise.all(
        serving.map(async ({ worker: laneWorker, clearer }) => {
          await laneWorker.close();
          await clearer.close();
        }),
      );
      await worker.close();
    },
  };
}

interface Serving {
  readonly lane: Lane;
  readonly gate: Gate;
  readonly worker: LaneWorker;
}

/**
 * Proves access to the stores of each batch in advance, because the producer dispatches a batch only once a worker has
 * done so.
 */
async function proveStores({ batches, ledger, means }: WorkerContext): Promise<void> {
  for (const batchId of await ledger.activeBatches()) {
    const spec = await batches.spec(batchId);
    if (spec !== undefined) await means.prove(spec);
  }
}

function noteBlocked({ blockedLanes }: WorkerContext, lane: string, isBlocked: boolean): void {
  if (isBlocked) blockedLanes.add(lane);
  else blockedLanes.delete(lane);
}

async function runUpkeep(context: WorkerContext, serving: readonly Serving[]): Promise<void> {
  const { running, ledger, metrics, heartbeats } = context;
  await reassertClaims(context);
  for (const { lane, gate, worker } of serving) {
    await gate.renew(running.tokens);
    metrics.running.set({ lane: lane.name }, worker.running);
    const blocked = await lane.blocked();
    showBlocked(metrics, lane.name, blocked?.reason);
    noteBlocked(context, lane.name, blocked !== undefined);
    const limits = await gate.state();
    showLimits(metrics, lane.name, limits, limits.at);
  }
  await heartbeats.prune();
  await proveStores(context);
  await releaseOrphanedClaims(context);
  for (const batchId of running.batches) {
    const record = await ledger.read(batchId);
    if (record?.endsRunning === true || (record !== undefined && isEnded(record.state))) running.cancelBatch(batchId);
  }
}
