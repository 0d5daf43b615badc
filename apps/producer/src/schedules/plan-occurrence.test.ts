import { expect, test } from "vitest";
import type { Due, Schedule } from "@darkroom/ledger";
import { planOccurrence, type Plan } from "./plan-occurrence.ts";

const onTime: Due = { dueMs: 60_000, count: 1, isMissed: false };
const late: Due = { dueMs: 60_000, count: 3, isMissed: true };
const queued = { dueMs: 30_000, covers: 2 };
const kept = (kind: "start" | "skip" | "miss" | "queue", dueMs: number, covers: number): Plan => ({
  kind,
  occurrence: { dueMs, covers },
});
type Timer = Pick<Schedule, "queued" | "paused" | "overlap" | "missed">;

test.each<[string, Timer, Due | undefined, boolean, Plan]>([
  ["nothing is due", {}, undefined, false, { kind: "none" }],
  ["an occurrence is due", {}, onTime, false, kept("start", 60_000, 1)],
  ["a batch is in the way", {}, onTime, true, kept("skip", 60_000, 1)],
  ["a batch is in the way, skip", { overlap: "skip" }, onTime, true, kept("skip", 60_000, 1)],
  ["a batch is in the way, queue", { overlap: "queue" }, onTime, true, kept("queue", 60_000, 1)],
  ["a batch is in the way, cancel", { overlap: "cancel-running" }, onTime, true, kept("queue", 60_000, 1)],
  ["a second one is queued", { overlap: "queue", queued }, onTime, true, kept("queue", 60_000, 3)],
  ["a newer one is due when the batch ends", { overlap: "queue", queued }, onTime, false, kept("start", 60_000, 3)],
  ["the batch of a queued one ends", { overlap: "queue", queued }, undefined, false, kept("start", 30_000, 2)],
  ["the batch of a queued one works", { overlap: "queue", queued }, undefined, true, { kind: "none" }],
  ["its batch was not cancelled yet", { overlap: "cancel-running", queued }, undefined, true, { kind: "cancel" }],
  ["three were missed", {}, late, false, kept("miss", 60_000, 3)],
  ["three were missed, once", { missed: "once" }, late, false, kept("start", 60_000, 3)],
  ["three were missed, a batch works", { missed: "once" }, late, true, kept("skip", 60_000, 3)],
  ["missed ones do not join the queue", { overlap: "queue", queued }, late, true, kept("miss", 60_000, 3)],
  ["missed ones, once, join it", { overlap: "queue", missed: "once" }, late, true, kept("queue", 60_000, 3)],
  ["the clock was wrong", {}, { ...late, count: 0 }, false, { kind: "reset" }],
  ["it is paused", { paused: { at: 0 } }, undefined, false, { kind: "none" }],
  ["it is paused with a queue", { paused: { at: 0 }, queued }, undefined, false, { kind: "none" }],
])("decides when %s", (_, timer, due, isBusy, plan) => {
  expect(planOccurrence(timer, due, isBusy)).toEqual(plan);
});
