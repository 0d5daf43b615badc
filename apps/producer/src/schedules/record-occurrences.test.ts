import { afterAll, beforeEach, expect, test } from "vitest";
import { BATCH_FORMAT, newBatchId, resolveRecipe, type BatchSpec } from "@darkroom/core";
import { Ledger, Schedules, type ScheduleRun } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { createMetrics } from "@darkroom/runtime";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import { recordOccurrences } from "./record-occurrences.ts";

const redis = connectRedis({ url: testRedisUrl(), name: "record-occurrences-test", onError: () => undefined });
const namespace = testNamespace();
const ledger = new Ledger(redis, namespace);
const schedules = new Schedules(redis, namespace);
const metrics = createMetrics();
afterAll(async () => await closeRedis(redis));

const at = "2026-11-22T02:00:00.000Z";
const AT_SECONDS = Date.parse(at) / 1_000;

beforeEach(async () => {
  const recipe = { mode: "eco" } as const;
  const submission = { source: "s3://bucket/in/", destination: "s3://bucket/out/", recipe };
  await schedules.remove("nightly");
  await schedules.create({ id: "nightly", cron: "0 2 * * *", timeZone: "UTC", createdAt: at, submission });
});

async function batch(): Promise<string> {
  const spec: BatchSpec = {
    format: BATCH_FORMAT,
    id: newBatchId(),
    createdAt: at,
    source: { kind: "prefix", url: "s3://bucket/in/" },
    destination: { url: "s3://bucket/out/" },
    recipe: resolveRecipe({ preset: "professional-polish", mode: "eco" }),
    lane: "twin",
    prices: {},
  };
  await ledger.create(spec);
  return spec.id;
}

async function recordRun(run: ScheduleRun): Promise<void> {
  const seen = await schedules.read("nightly");
  if (seen === undefined) throw new Error("the schedule is gone");
  await schedules.handle(seen, { handledMs: Date.parse(run.at), run });
}

/** Returns the schedule's metrics after one check. */
async function shown(): Promise<string[]> {
  await recordOccurrences({ ledger, schedules, metrics });
  const text = await metrics.registry.metrics();
  return text.split("\n").filter((line) => line.startsWith("darkroom_schedule_last_run"));
}

const lines = (success: number, seconds = AT_SECONDS) => [
  `darkroom_schedule_last_run_success{schedule="nightly"} ${success}`,
  `darkroom_schedule_last_run_timestamp_seconds{schedule="nightly"} ${seconds}`,
];

test("exports no metrics for a schedule without runs or a deleted one", async () => {
  expect(await shown()).toEqual([]);
  await recordRun({ at, outcome: "failed", message: "the store is away" });
  expect(await shown()).toEqual(lines(0));
  await schedules.remove("nightly");
  expect(await shown()).toEqual([]);
});

test("exports a skipped run as unsuccessful", async () => {
  await recordRun({ at, batchId: await batch(), outcome: "skipped_overlap" });
  expect(await shown()).toEqual(lines(0));
});

test("judges a run when its batch has ended, and keeps its findings with the schedule", async () => {
  const batchId = await batch();
  const earlier: ScheduleRun = { at: "2026-11-21T02:00:00.000Z", batchId: newBatchId(), outcome: "completed" };
  await recordRun(earlier);
  await recordRun({ at, batchId, outcome: "started" });
  // The batch of the earlier occurrence is gone, so its recorded result counts.
  expect(await shown()).toEqual(lines(1, Date.parse(earlier.at) / 1_000));
  expect((await schedules.read("nightly"))?.lastRun?.outcome).toBe("started");
  await ledger.failBatch(batchId, "the source is not there");
  expect(await shown()).toEqual(lines(0));
  const ended = {
    at,
    batchId,
    outcome: "failed",
    message: "the source is not there",
    found: { portraits: 0, unchanged: 0, leftOut: 0 },
    did: { succeeded: 0, skipped: 0, failed: 0, cancelled: 0 },
    cost: { costUsd: 0, lostUsd: 0, maybeUsd: 0 },
  };
  expect(await schedules.read("nightly")).toMatchObject({ lastRun: ended, runs: [ended, earlier] });
});
