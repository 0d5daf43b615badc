import type { Measured } from "../measure/measured.ts";
import { simulate } from "../simulate.ts";
import { percent, shown, type Table } from "../table.ts";
import { baseScenario, NO_FEED_GAP, warmupFor } from "./base.ts";

const INTERACTIVE = 10;

/** Question 4: twenty interactive portraits behind a hundred million. */
export async function interactiveWaits(costs: Measured): Promise<Table> {
  const rows: string[][] = [];
  for (const providerMs of [5_000, 30_000, 300_000]) {
    for (const workers of [2, 10, 100, 1_000]) {
      const scenario = { ...baseScenario(costs, providerMs), workers, interactive: INTERACTIVE };
      const result = await simulate({
        ...scenario,
        warmupMs: warmupFor(scenario),
        // Long enough for twenty slots to become free, ten times.
        measureMs: Math.max(30_000, (providerMs * INTERACTIVE * 60) / (workers * 10)),
      });
      const { p50, p99, most } = result.interactiveWaitMs;
      const everyMs = providerMs / (workers * 10);
      rows.push([
        `${providerMs / 1_000} s`,
        shown(workers * 10),
        `${shown(everyMs)} ms`,
        `${shown(p50 / 1_000)} s`,
        `${shown(p99 / 1_000)} s`,
        `${shown(most / 1_000)} s`,
      ]);
    }
  }
  const columns = ["provider", "slots", "a slot is free every", "wait, p50", "wait, p99", "the longest"];
  return { name: "interactive", columns, rows };
}

/** Question 4: the cost of many batches that run at the same time. */
export async function manyBatches(costs: Measured): Promise<Table> {
  const rows: string[][] = [];
  for (const [engine, providerMs, workers, change] of [
    ["as it is", 5_000, 10, {}],
    ["as it is", 5_000, 100, {}],
    ["without the gap", 5_000, 100, NO_FEED_GAP],
    ["as it is", 200, 10, {}],
    ["without the gap", 200, 10, NO_FEED_GAP],
  ] as const) {
    for (const batches of [1, 10, 100, 1_000, 3_000]) {
      const result = await simulate({
        ...baseScenario(costs, providerMs),
        ...change,
        workers,
        batches,
        warmupMs: 10_000,
        measureMs: 30_000,
      });
      rows.push([
        engine,
        `${providerMs / 1_000} s`,
        shown(workers * 10),
        shown(batches),
        percent(result.slotUse),
        shown(result.perSecond),
        shown(result.roundMs.p50),
        shown(result.feedMs.p50),
        shown(result.feedMs.p99),
        percent(result.producerUse),
        percent(result.redisUseBy.rounds),
        percent(result.redisUseBy.dispatch),
        percent(result.redisUseBy["looks at batches"]),
        percent(result.redisUse),
      ]);
    }
  }
  return {
    name: "many-batches",
    columns: [
      "engine",
      "provider",
      "slots",
      "active batches",
      "slots in calls",
      "a second",
      "a round, ms",
      "between feedings, p50 ms",
      "p99 ms",
      "producer busy",
      "Redis: rounds",
      "dispatch",
      "workers' looks",
      "Redis in all",
    ],
    rows,
  };
}
