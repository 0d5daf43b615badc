import { writeFile } from "node:fs/promises";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { DarkroomError, messageOf } from "@darkroom/core";
import { BEAT_MS } from "@darkroom/ledger";
import { createLogger, createMetrics } from "@darkroom/telemetry";
import type { Claimed } from "../run/worker-context.ts";
import type { FromIsolated, ToIsolated } from "./isolated-messages.ts";
import type { WatchData } from "./isolated-watch.ts";
import { keepClaims } from "../claims/reassert-claims.ts";
import { BatchCancelled, WorkerStops } from "../claims/running-portraits.ts";
import { openWorker } from "../open-worker.ts";
import { timingFor } from "../enhance/timing-for.ts";
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

async function run({ settings, clockSkewMs, order }: Extract<ToIsolated, { type: "run" }>): Promise<void> {
  const memory: WatchData = { memoryBytes: settings.isolated.memoryBytes, parentId: process.ppid };
  new Worker(new URL("./isolated-watch.ts", import.meta.url), { workerData: memory }).unref();
  // Where the system itself runs out of memory, it ends this process and not the worker. Linux only.
  await writeFile("/proc/self/oom_score_adj", "1000").catch(() => undefined);
  const write = (line: string): void => void say({ type: "log", line });
  const log = createLogger({ level: settings.log.level, name: "isolated", destination: { write } });
  const { context, serving } = await openWorker(settings, { log, metrics: createMetrics(), clockSkewMs }, undefined);
  await context.continuity.start();
  await context.destinations.tick();
  const own = serving.find(({ account }) => account.lane === order.lane);
  if (own === undefined) throw new DarkroomError("internal", `the lane ${order.lane} is not served here`);
  const claimed: Claimed = {
    ...order.claimed,
    inputs: [...order.claimed.inputs],
    controller,
    signal: controller.signal,
  };
  const { recipe, token, spec } = claimed;
  const patient =
    recipe.retry === undefined ? context : { ...context, timing: timingFor(context.timing, recipe.retry) };
  const receipt = { current: order.receipt };
  context.live.begin(token, spec.id, controller);
  context.live.hold(token, { claimed, receipt });
  setInterval(() => {
    void say({ type: "alive" });
    keepClaims(context).catch((error: unknown) => log.warn(`keeping up: ${messageOf(error)}`));
  }, BEAT_MS);
  await say({ type: "begun" });
  const ending = await workOn(patient, own.laneContext, claimed, receipt);
  const { inputs, who } = claimed;
  await say({ type: "ended", ending, receipt: receipt.current, inputs, who });
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
  run(message).catch(async (error: unknown) => {
    await say({ type: "unable", message: messageOf(error) });
    process.exit(1);
  });
});
