import { writeFile } from "node:fs/promises";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { DarkroomError, messageOf } from "@darkroom/core";
import { BEAT_MS } from "@darkroom/ledger";
import { createLogger, createMetrics } from "@darkroom/runtime";
import type { FromIsolated, ToIsolated } from "./isolated-messages.ts";
import type { WatchData } from "./isolated-watch.ts";
import { reassertClaims } from "../claims/reassert-claims.ts";
import { BatchCancelled, WorkerStops } from "../claims/abort-reasons.ts";
import { openWorker } from "../open-worker.ts";
import { recipeTiming } from "../run/recipe-timing.ts";
import { PortraitRun } from "../run/portrait-run.ts";
import { runSteps } from "../run/run-steps.ts";

/**
 * Entry point of an isolated process, which runs one suspect portrait. Its worker (`IsolatedRuns`) keeps the claim and
 * reports the result to the ledger and the queue. The process reports over the IPC channel and exits together with its
 * worker.
 */

const controller = new AbortController();

function say(message: FromIsolated): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve();
    process.send(message, undefined, {}, () => resolve());
  });
}

async function work({ settings, clockSkewMs, order }: Extract<ToIsolated, { type: "run" }>): Promise<void> {
  const memory: WatchData = { memoryBytes: settings.isolated.memoryBytes, parentId: process.ppid };
  new Worker(new URL("./isolated-watch.ts", import.meta.url), { workerData: memory }).unref();
  // Makes the kernel kill this process instead of the worker when the system runs out of memory. Linux only.
  await writeFile("/proc/self/oom_score_adj", "1000").catch(() => undefined);
  const write = (line: string): void => void say({ type: "log", line });
  const log = createLogger({ level: settings.log.level, name: "isolated", destination: { write } });
  const { context, serving } = await openWorker(settings, { log, metrics: createMetrics(), clockSkewMs }, undefined);
  await context.failover.start();
  await context.destinations.tick();
  const own = serving.find(({ account }) => account.lane === order.lane);
  if (own === undefined) throw new DarkroomError("internal", `the lane ${order.lane} is not served here`);
  const { claim, receipt } = order;
  const timing = recipeTiming(context.timing, claim.recipe.retry);
  const run = new PortraitRun({ context, lane: own.laneContext, claim, controller, timing, receipt });
  context.running.begin(claim.token, claim.spec.id, controller);
  context.running.hold(run);
  setInterval(() => {
    void say({ type: "alive" });
    reassertClaims(context).catch((error: unknown) => log.warn(`worker upkeep failed: ${messageOf(error)}`));
  }, BEAT_MS);
  await say({ type: "begun" });
  const ending = await runSteps(run);
  const { inputs, identity } = run;
  await say({ type: "ended", ending, receipt: run.receipt, inputs, identity });
  process.exit(0);
}

// The worker decides when this process stops, so the process ignores signals that a terminal or service manager sends
// to the whole process group.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
process.on("disconnect", () => process.exit(1));
process.on("message", (message: ToIsolated) => {
  if (message.type === "abort") {
    controller.abort(message.why === "cancelled" ? new BatchCancelled() : new WorkerStops());
    return;
  }
  work(message).catch(async (error: unknown) => {
    await say({ type: "unable", message: messageOf(error) });
    process.exit(1);
  });
});
