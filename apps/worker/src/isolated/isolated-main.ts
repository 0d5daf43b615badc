import { writeFile } from "node:fs/promises";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { DarkroomError, messageOf } from "@darkroom/core";
import { BEAT_MS } from "@darkroom/ledger";
import { createLogger, createMetrics } from "@darkroom/runtime";
import type { FromIsolated, ToIsolated } from "./isolated-messages.ts";
import type { WatchData } from "./isolated-watch.ts";
import { reassertClaims } from "../claims/reassert-claims.ts";
import { BatchCancelled, WorkerStops } from "../claims/running-portraits.ts";
import { openWorker } from "../open-worker.ts";
import { timingFor } from "../enhance/timing-for.ts";
import { PortraitRun } from "../run/portrait-run.ts";
import { workOn } from "../run/work-on.ts";

/*
 * A process that has one portrait alone: its worker started it (`IsolatedRuns`), has the claim, and maps the end to ledger
 * and queue. It says what it has to say over the channel, and goes when its worker goes.
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
  // Where the system itself runs out of memory, it ends this process and not the worker. Linux only.
  await writeFile("/proc/self/oom_score_adj", "1000").catch(() => undefined);
  const write = (line: string): void => void say({ type: "log", line });
  const log = createLogger({ level: settings.log.level, name: "isolated", destination: { write } });
  const { context, serving } = await openWorker(settings, { log, metrics: createMetrics(), clockSkewMs }, undefined);
  await context.failover.start();
  await context.destinations.tick();
  const own = serving.find(({ account }) => account.lane === order.lane);
  if (own === undefined) throw new DarkroomError("internal", `the lane ${order.lane} is not served here`);
  const { claim, receipt } = order;
  const timing = timingFor(context.timing, claim.recipe.retry);
  const run = new PortraitRun({ context, lane: own.laneContext, claim, controller, timing, receipt });
  context.running.begin(claim.token, claim.spec.id, controller);
  context.running.hold(run);
  setInterval(() => {
    void say({ type: "alive" });
    reassertClaims(context).catch((error: unknown) => log.warn(`keeping up: ${messageOf(error)}`));
  }, BEAT_MS);
  await say({ type: "begun" });
  const ending = await workOn(run);
  const { inputs, identity } = run;
  await say({ type: "ended", ending, receipt: run.receipt, inputs, identity });
  process.exit(0);
}

// Its worker decides about stopping, and tells; a terminal or a service manager signals the whole group.
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
