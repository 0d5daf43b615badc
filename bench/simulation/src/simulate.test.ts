import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Measured } from "./measure/measured.ts";
import { baseScenario, NO_FEED_GAP, NUDGES_TO_ALL, warmupFor } from "./questions/base.ts";
import { simulate } from "./simulate.ts";

const costs = JSON.parse(await readFile(new URL("../results/measured.json", import.meta.url), "utf8")) as Measured;
const small = {
  ...baseScenario(costs, 500),
  workers: 5,
  slotsPerWorker: 4,
  warmupMs: 2_000,
  measureMs: 5_000,
  interactive: 2,
};

test("the same seed gives the same result, and another seed another one", async () => {
  const one = await simulate(small);
  expect(await simulate(small)).toEqual(one);
  expect(await simulate({ ...small, seed: 2 })).not.toEqual(one);
});

test("a whole batch ends with every portrait settled once, however many calls fail", async () => {
  const result = await simulate({
    ...small,
    interactive: 0,
    portraits: 300,
    whole: true,
    warmupMs: 0,
    failureShare: 0.3,
  });
  expect(result.settled).toBe(300);
});

test("never uses more slots than there are, and nearly all of them while Redis is idle", async () => {
  const { slotUse, redisUse, perSecond } = await simulate(small);
  expect(slotUse).toBeLessThanOrEqual(1);
  expect(slotUse).toBeGreaterThan(0.95);
  expect(redisUse).toBeLessThan(0.2);
  expect(perSecond).toBeGreaterThan(0.9 * 40);
});

test("a woken worker takes no more jobs than it has slots, even in waves", async () => {
  const { slotUse } = await simulate({
    ...baseScenario(costs, 30_000),
    workers: 10,
    slotsPerWorker: 20,
    waves: true,
    fixedProviderMs: true,
    latencyMs: 1,
    ahead: 4,
    measureMs: 120_000,
  });
  expect(slotUse).toBeLessThanOrEqual(1);
});

test("without prefetch slots stay empty for a nudge, a feed and a hand-over; with the feeder's own they do not", async () => {
  const own = await simulate(small);
  const none = await simulate({ ...small, interactive: 0, ahead: 0 });
  expect(none.emptyMs.p50).toBeGreaterThan(10);
  expect(own.emptyMs.p50).toBeLessThan(2);
});

test("twenty portraits behind a hundred million start with the next free slots", async () => {
  const { interactiveWaitMs } = await simulate(small);
  // Twenty slots become free every 25 ms, so the last of twenty waits for half a second.
  expect(interactiveWaitMs.most).toBeLessThan(1_000);
});

test("nudges fill Redis at a thousand workers if every worker receives them, and not if only producers do", async () => {
  const many = {
    ...baseScenario(costs, 5_000),
    workers: 1_000,
    slotsPerWorker: 10,
    measureMs: 5_000,
  };
  const heardByAll = { ...many, ...NUDGES_TO_ALL };
  const toAll = await simulate({ ...heardByAll, warmupMs: warmupFor(heardByAll) });
  const asItIs = await simulate({ ...many, warmupMs: 20_000 });
  expect(toAll.redisUseBy.nudges).toBeGreaterThan(0.4);
  expect(asItIs.redisUseBy.nudges).toBeLessThan(0.1);
  expect(asItIs.perSecond).toBeGreaterThan(1.5 * toAll.perSecond);
});

test("feeds on a nudge are further apart with more batches, and the slots stay full", async () => {
  const many = { ...baseScenario(costs, 5_000), workers: 40, batches: 400 };
  const asItIs = await simulate(many);
  const without = await simulate({ ...many, ...NO_FEED_GAP });
  expect(asItIs.feedMs.p50).toBeGreaterThanOrEqual(100);
  expect(without.feedMs.p50).toBeLessThan(50);
  expect(asItIs.slotUse).toBeGreaterThan(0.99);
  expect(asItIs.redisUseBy.dispatch).toBeLessThan(without.redisUseBy.dispatch / 2);
});

test("events without watchers are not published, except one from time to time", async () => {
  const asItIs = await simulate({ ...small, interactive: 0 });
  const all = await simulate({ ...small, interactive: 0, sendsUnwatched: true });
  // Forty portraits per second with three events each. One event per second remains for each of five workers.
  expect(all.operationsPerSecond - asItIs.operationsPerSecond).toBeGreaterThan(100);
});

test("dispatch skips ended portraits at once", async () => {
  const { endedAtMs, settled } = await simulate({
    ...small,
    interactive: 0,
    fixedProviderMs: true,
    portraits: 10_000_000,
    pendingEvery: 10_000_000,
    whole: true,
    warmupMs: 0,
  });
  expect(settled).toBe(1);
  // 77 peeks, which would take nineteen seconds with a tick for each.
  expect(endedAtMs).toBeLessThan(3_000);
});
