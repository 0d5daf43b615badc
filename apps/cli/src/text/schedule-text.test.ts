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
  nextRunAt: null,
  lastRun: null,
  runs: [],
};

it("shows what each of a schedule's last runs found, and how it ended", () => {
  const found = { portraits: 4, unchanged: 9, failed: 1 };
  const runs = [
    { at, batchId: null, outcome: "failed", message: "the store is away", found: null },
    { at, batchId: "01k9", outcome: "completed_with_failures", message: null, found },
  ];
  const text = scheduleText({ ...schedule, runs });
  const [head, places, , columns = "", ...rows] = text.split("\n");
  expect(head).toMatch(/^nightly: 0 2 \* \* \* \(UTC\), next /);
  expect(places).toBe("/studio/in/ into s3://studio/out/{date}/");
  expect(columns.split(/ {2,}/)).toEqual(["RUN", "OUTCOME", "NEW", "DELIVERED BEFORE", "FAILED", "BATCH", "MESSAGE"]);
  expect(rows.map((row) => row.split(/ {2,}/).slice(1))).toEqual([
    ["failed", "the store is away"],
    ["completed_with_failures", "4", "9", "1", "01k9"],
  ]);
});

it("says that a schedule without a run has not run", () => {
  expect(scheduleText(schedule)).toMatch(/It has not run yet\.$/);
});
