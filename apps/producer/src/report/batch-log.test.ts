import { expect, it } from "vitest";
import { BATCH_FORMAT, resolveRecipe } from "@darkroom/core";
import { createLogger } from "@darkroom/runtime";
import { BatchLog, type LoggedBatch } from "./batch-log.ts";

const NONE = { pending: 0, queued: 0, running: 0, retrying: 0, succeeded: 0, skipped: 0, failed: 0, cancelled: 0 };

function batch(changes: Partial<LoggedBatch>, succeeded = 0): LoggedBatch {
  return {
    spec: {
      format: BATCH_FORMAT,
      id: "01k9",
      createdAt: "2026-11-30T08:00:00.000Z",
      source: { kind: "prefix", url: "s3://photos/in/" },
      destination: { url: "s3://photos/out/" },
      recipe: resolveRecipe({ preset: "skin-smoothing", mode: "eco" }),
      lane: "each-sense",
      prices: {},
    },
    lane: "each-sense",
    state: "running",
    reason: undefined,
    pausedBy: undefined,
    counts: { ...NONE, total: 20, running: 20 - succeeded, succeeded },
    failures: {},
    round: 0,
    costUsd: 0,
    ingested: true,
    ...changes,
  };
}

function openLog() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) };
  const log = new BatchLog(createLogger({ level: "info", name: "test", destination }));
  return { log, lines };
}

it("logs each state once, the end of the ingest once, and the reason of a pause", () => {
  const { log, lines } = openLog();
  log.note(batch({ state: "ingesting", ingested: false }), 0);
  log.note(batch({ state: "ingesting", ingested: false }), 250);
  log.note(batch({}), 500);
  log.note(batch({}), 750);
  log.note(batch({ state: "paused", pausedBy: "budget", reason: "the budget is full" }), 1_000);
  log.note(batch({}), 1_250);
  expect(lines).toEqual([
    "batch ingesting",
    "batch running",
    "batch ingested: 20 portraits",
    "batch paused",
    "batch running",
  ]);
});

it("logs progress at most once a minute, and only if it changed", () => {
  const { log, lines } = openLog();
  for (let atMs = 0; atMs <= 300_000; atMs += 250)
    log.note(batch({}, atMs < 130_000 ? Math.floor(atMs / 10_000) : 13), atMs);
  expect(lines.filter((line) => line.startsWith("batch progress"))).toEqual([
    "batch progress: 6 of 20 done",
    "batch progress: 12 of 20 done",
    "batch progress: 13 of 20 done",
  ]);
});
