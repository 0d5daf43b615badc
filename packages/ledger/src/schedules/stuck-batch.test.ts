import { expect, test } from "vitest";
import type { PortraitCounts, ProcessMeans } from "@darkroom/core";
import type { BatchRecord } from "../batch/batch-record.ts";
import { batchInTheWay, stuckBatch, type Obstacles } from "./stuck-batch.ts";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const since = new Date(NOW - 60_000).toISOString();
const counts = { pending: 4, queued: 0, running: 0, retrying: 0, succeeded: 3, skipped: 0, failed: 0, cancelled: 0 };

function record(change: Partial<BatchRecord> = {}): BatchRecord {
  const spec = {
    id: "b1",
    format: 1,
    lane: "twin",
    source: { kind: "prefix", url: "s3://a/in/" },
    destination: { url: "s3://a/out/" },
  };
  const whole = { spec, lane: "twin", state: "running", cancelled: false, unconfirmed: false, ingested: true };
  return {
    ...whole,
    counts: { ...counts, total: 7 } as PortraitCounts,
    stalls: [],
    stuck: 0,
    ...change,
  } as BatchRecord;
}

const able: ProcessMeans = { format: 1, accounts: {}, s3: [], folders: "any", batches: "all" };

function obstacles(change: Partial<Obstacles> = {}): Obstacles {
  return {
    lane: () => ({ blocked: async () => undefined }),
    destinations: { read: async () => [] },
    attendance: { at: async () => ({ present: 1, means: [able], lastSeenAt: NOW }) },
    laneLimits: () => ({ concurrency: 4 }),
    ...change,
  };
}

const blockedLane = {
  lane: () => ({ blocked: async () => ({ reason: "balance" as const, since, message: "top it up", probeAt: NOW }) }),
};
const nobody = { attendance: { at: async () => ({ present: 0, means: [], lastSeenAt: undefined }) } };
const busyElsewhere = {
  attendance: { at: async () => ({ present: 1, means: [{ ...able, batches: [] }], lastSeenAt: NOW }) },
};
const stall = { duty: "ingest", reason: "source", message: "Access Denied", sinceMs: NOW, tries: 3, nextLookMs: NOW };
const stalled = { stalls: [stall] } as unknown as Partial<BatchRecord>;
const hours = { spec: { ...record().spec, control: { window: { hours: "13:00-14:00", timeZone: "UTC" } } } };

test.each<[string, Partial<BatchRecord>, Partial<Obstacles>, string | undefined, RegExp]>([
  ["works", {}, {}, undefined, /^$/],
  ["has ended", { state: "completed" }, blockedLane, undefined, /^$/],
  ["waits for its hours", hours as Partial<BatchRecord>, {}, undefined, /^$/],
  ["writes its report", { state: "finishing" }, {}, undefined, /^$/],
  ["a person has paused", { state: "paused", pausedBy: "person", reason: "holidays" }, {}, "paused", /^holidays$/],
  ["its budget has paused", { state: "paused", pausedBy: "budget", reason: "full" }, {}, "budget", /^full$/],
  ["waits for approval", { state: "awaiting_approval" }, {}, "approval", /approve/],
  ["waits for confirmation", { state: "awaiting_confirmation" }, {}, "confirmation", /confirm/],
  ["waits for its lane", {}, blockedLane, "lane_blocked", /balance: top it up/],
  ["has no worker", {}, nobody, "unattended", /there is no producer, and no worker/],
  ["has only unable workers", {}, busyElsewhere, "unmet_needs", /not asked to work on it/],
  ["cannot read its source", stalled, {}, "source", /^Access Denied$/],
])("says what stops a batch that %s", async (_, change, seen, reason, message) => {
  const stuck = await stuckBatch(obstacles(seen), record(change), NOW);
  expect(stuck?.reason).toBe(reason);
  expect(stuck?.message ?? "").toMatch(message);
  expect(stuck?.batchId).toBe(reason === undefined ? undefined : "b1");
});

const claim = { batchId: "own", at: NOW, dueMs: NOW, covers: 1 };
const at = since;

test.each([
  ["nothing", {}, undefined],
  ["the claimed batch", { claim }, "own"],
  ["the claimed batch after a failed run", { claim, lastRun: { at, outcome: "failed" } }, "own"],
  ["the batch that a run was skipped for", { lastRun: { at, outcome: "skipped_overlap", batchId: "b2" } }, "b2"],
  ["the batch that a run waits for", { claim, lastRun: { at, outcome: "queued", batchId: "b2" } }, "b2"],
] as const)("a schedule waits for %s", (_, schedule, batchId) => {
  expect(batchInTheWay(schedule)).toBe(batchId);
});
