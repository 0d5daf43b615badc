import { expect, test } from "vitest";
import { resolveRecipe, type BatchState, type Unattended } from "@darkroom/core";
import type { BatchRecord } from "./batch-record.ts";
import { batchStatus, NOTHING_SEEN, type StatusContext } from "./batch-status.ts";

const AT = Date.parse("2026-11-30T12:00:00Z");
const ABSENT: Unattended = { missing: ["worker"], lacks: [], since: null, message: "there is no worker" };

test.each<[string, BatchState, Partial<StatusContext>, number | null]>([
  ["runs", "running", {}, 1],
  ["runs while its source is read", "ingesting", {}, 1],
  ["runs at its provider's rate limit", "running", { held: { untilMs: AT + 1_000, message: undefined } }, 1],
  ["is paused", "paused", {}, null],
  ["waits for approval", "awaiting_approval", {}, null],
  ["has no process", "running", { unattended: ABSENT }, null],
  ["writes its report", "finishing", {}, null],
  ["has ended", "completed", {}, null],
])("a batch that %s has the rate of its latest portraits, or none", (_, state, seen, rate) => {
  const none = { pending: 0, queued: 0, running: 0, retrying: 0, skipped: 0, failed: 0, cancelled: 0 };
  const record = {
    spec: {
      recipe: resolveRecipe({ preset: "professional-polish", mode: "eco" }),
      source: { kind: "prefix", url: "file:///in/" },
      destination: { url: "file:///out/" },
      prices: {},
    },
    state,
    ingested: state !== "ingesting",
    counts: { ...none, succeeded: 20, pending: 20, total: 40 },
    samples: [10, 20].map((seconds) => ({ atMs: AT - seconds * 1_000, settled: 20 - seconds })),
    rounds: [],
    stalls: [],
    failures: {},
    kinds: {},
    unstored: { portraits: 0, usd: 0 },
    costUsd: 0,
    lostUsd: 0,
    baseRound: 0,
    stuck: 0,
    review: { revision: 0, approved: 0, rejected: 0 },
  } as unknown as BatchRecord;
  const context = { ...NOTHING_SEEN, report: undefined, nowMs: AT, ...seen };
  expect(batchStatus(record, context).ratePerSecond).toBe(rate);
});
