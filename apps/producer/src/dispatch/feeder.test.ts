import { expect, test } from "vitest";
import { Feeder, type DispatchBatch } from "./feeder.ts";

/** A feeder for a lane with four slots, and the jobs that it adds. */
function feeding() {
  const jobs: string[] = [];
  const feeder = new Feeder({
    laneConcurrency: () => 4,
    wallClock: () => 0,
    lane: () => ({
      add: async (id, _, indexes, first) => void jobs.push(...indexes.map(() => `${first ? "first" : "bulk"} ${id}`)),
    }),
    ledger: {
      backlog: {
        peekPending: async (_, limit) => ({
          epoch: 0,
          from: 0,
          cursor: limit,
          indexes: Array.from({ length: limit }, (_each, place) => place),
        }),
        markQueued: async (_, { indexes }) => indexes.length,
      },
    },
  });
  return { feeder, jobs };
}

function batch(id: string, change: Partial<DispatchBatch> = {}): DispatchBatch {
  const total = change.total ?? 20;
  return {
    id,
    state: "running",
    total,
    ingested: true,
    held: false,
    pending: total,
    queued: 0,
    running: 0,
    retrying: 0,
    stuck: 0,
    window: undefined,
    blocked: false,
    cameAt: 0,
    ...change,
  };
}

test("prefetches for many small batches no more than for one, the first batch first", async () => {
  const { feeder, jobs } = feeding();
  const small = Array.from({ length: 10 }, (_, place) => batch(`small-${place}`, { total: 3, cameAt: place }));
  await feeder.feed("lane", small.toReversed(), 0);
  expect(jobs).toEqual([
    ...Array.from({ length: 3 }, () => "first small-0"),
    ...Array.from({ length: 3 }, () => "first small-1"),
  ]);
});

test("gives a small batch the next slots of a lane that is full of bulk work", async () => {
  const { feeder, jobs } = feeding();
  const big = batch("big", { total: 1_000_000, queued: 2, running: 4, pending: 999_994 });
  await feeder.feed("lane", [big, batch("small", { cameAt: 1 })], 0);
  expect(jobs).toEqual(Array.from({ length: 6 }, () => "first small"));
});

test("ranks a reopened small batch behind those that came before the reopening", async () => {
  const { feeder, jobs } = feeding();
  await feeder.feed("lane", [batch("retried", { cameAt: 5 }), batch("waiting", { cameAt: 3 })], 0);
  expect(new Set(jobs)).toEqual(new Set(["first waiting"]));
});

test("adds no jobs for a batch with too many unstored results, and keeps feeding others", async () => {
  const { feeder, jobs } = feeding();
  await feeder.feed("lane", [batch("held back", { stuck: 11 }), batch("open", { stuck: 10, cameAt: 1 })], 0);
  expect(new Set(jobs)).toEqual(new Set(["first open"]));
});

test("adds no jobs for a batch whose destination is blocked, and keeps feeding others", async () => {
  const { feeder, jobs } = feeding();
  await feeder.feed("lane", [batch("blocked", { blocked: true }), batch("open", { cameAt: 1 })], 0);
  expect(new Set(jobs)).toEqual(new Set(["first open"]));
});
