import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Measured } from "./measure/measured.ts";
import { baseScenario, warmupFor } from "./questions/base.ts";
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

test("the same seed gives the same result, another seed another", async () => {
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

test("slots are never used more than there are, and nearly always where Redis is idle", async () => {
  const { slotUse, redisUse, perSecond } = await simulate(small);
  expect(slotUse).toBeLessThanOrEqual(1);
  expect(slotUse).toBeGreaterThan(0.95);
  expect(redisUse).toBeLessThan(0.2);
  expect(perSecond).toBeGreaterThan(0.9 * 40);
});

test("a window of nothing leaves slots empty for a nudge, a feeding and a hand-over; the feeder's own does not", async () => {
  const own = await simulate(small);
  const none = await simulate({ ...small, interactive: 0, ahead: 0 });
  expect(none.emptyMs.p50).toBeGreaterThan(10);
  expect(own.emptyMs.p50).toBeLessThan(2);
});

test("twenty portraits behind a hundred million start with the next free slots", async () => {
  const { interactiveWaitMs } = await simulate(small);
  // Twenty slots are free every 25 ms: the last of twenty waits for half a second.
  expect(interactiveWaitMs.most).toBeLessThan(1_000);
});

test("nudges that every worker hears fill Redis at a thousand workers", async () => {
  const many = {
    ...baseScenario(costs, 5_000),
    workers: 1_000,
    slotsPerWorker: 10,
    measureMs: 5_000,
  };
  const asItIs = await simulate({ ...many, warmupMs: warmupFor(many) });
  const producersOnly = await simulate({ ...many, nudgeHearers: "producers", warmupMs: 20_000 });
  expect(asItIs.redisUseBy.nudges).toBeGreaterThan(0.4);
  expect(producersOnly.redisUseBy.nudges).toBeLessThan(0.1);
  expect(producersOnly.perSecond).toBeGreaterThan(1.5 * asItIs.perSecond);
});
