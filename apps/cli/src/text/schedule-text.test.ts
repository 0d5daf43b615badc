import { expect, it } from "vitest";
import type { ScheduleWithRuns } from "../api/api-views.ts";
import { scheduleText } from "./schedule-text.ts";

const at = "2026-11-22T02:00:00.000Z";
const schedule: ScheduleWithRuns = {
  id: "nightly",
  cron: "0 2 * * *",
  timeZone: "UTC",
  submission: { source: "file:///studio/in/", destination: "s3://studio/out/{date}/", recipe: { mode: "eco" } },
  createdAt: at,
  overlap: "queue",
  missed: "once",
  paused: null,
  nextRunAt: null,
  nextRuns: [],
  queuedFor: null,
  stuck: null,
  lastRun: null,
  runs: [],
};

it("shows the findings and outcome of a schedule's last runs", () => {
  const found = { portraits: 4, unchanged: 9, leftOut: 2 };
  const did = { succeeded: 2, skipped: 1, failed: 1, cancelled: 0 };
  const cost = { costUsd: 0.4, lostUsd: 0.1, maybeUsd: 0.2 };
  const none = { found: null, did: null, cost: null };
  const runs: ScheduleWithRuns["runs"] = [
    { at, batchId: null, outcome: "failed", message: "the store is away", covers: 1, ...none },
    { at, batchId: "01k9", outcome: "completed_with_failures", message: null, covers: 3, found, did, cost },
  ];
  const text = scheduleText({ ...schedule, runs });
  const [head, places, policies, , columns = "", ...rows] = text.split("\n");
  expect(head).toMatch(/^nightly: 0 2 \* \* \* \(UTC\), next /);
  expect(places).toBe("/studio/in/ into s3://studio/out/{date}/");
  expect(policies).toBe("while a batch has not ended: queue; missed runs: once");
  expect(columns.split(/ {2,}/)).toEqual([
    "RUN",
    "OUTCOME",
    "NEW",
    "BEFORE",
    "DONE",
    "FAILED",
    "USD",
    "BATCH",
    "MESSAGE",
  ]);
  expect(rows.map((row) => row.split(/ {2,}/).slice(1))).toEqual([
    ["failed", "the store is away"],
    ["completed_with_failures", "4", "9", "3", "1", "0.50 (maybe 0.20 more)", "01k9", "for 3 times"],
  ]);
});

it("says that a schedule without a run has not run", () => {
  expect(scheduleText(schedule)).toMatch(/It has not run yet\.$/);
});

it("shows the next five runs of a schedule", () => {
  const nextRuns = [1, 2, 3, 4, 5].map((day) => `2026-12-0${day}T02:00:00.000Z`);
  const text = scheduleText({ ...schedule, nextRunAt: nextRuns[0] ?? null, nextRuns });
  for (const day of [1, 2, 3, 4, 5]) expect(text).toContain(`${day} Dec 2026`);
});

it("explains what prevents a schedule from running", () => {
  const paused = { at, reason: "holidays" };
  const stuck = { batchId: "01k9", reason: "approval", message: "it waits until a person approves the pilot" } as const;
  const text = scheduleText({ ...schedule, paused, stuck, queuedFor: at });
  expect(text).toMatch(/next paused\n/);
  expect(text).toMatch(/^paused since .*: holidays$/m);
  expect(text).toMatch(/^batch 01k9 is stuck \(approval\): it waits until a person approves the pilot$/m);
  expect(text).toMatch(/^the run of .* starts when the current batch ends$/m);
});
