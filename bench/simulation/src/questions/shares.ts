import type { Measured } from "../measure/measured.ts";
import { REDIS_KINDS } from "../scenario.ts";
import { simulate } from "../simulate.ts";
import { percent, shown, type Table } from "../table.ts";
import { baseScenario, NUDGES_TO_ALL } from "./base.ts";

/** Question 5: the load of Redis by purpose, with ten thousand slots spread over more and more workers. */
export async function shares(costs: Measured): Promise<Table> {
  const SLOTS = 10_000;
  const rows: string[][] = [];
  for (const [engine, change] of [
    ["as it is", {}],
    ["nudges to all", NUDGES_TO_ALL],
  ] as const) {
    for (const workers of [10, 100, 300, 1_000]) {
      const result = await simulate({
        ...baseScenario(costs, 30_000),
        ...change,
        workers,
        slotsPerWorker: SLOTS / workers,
        pollsPerSecond: 50,
        warmupMs: 10_000,
      });
      rows.push([
        engine,
        shown(workers),
        shown(result.perSecond),
        ...REDIS_KINDS.map((kind) => percent(result.redisUseBy[kind])),
        percent(result.redisUse),
      ]);
    }
  }
  return { name: "shares", columns: ["engine", "workers", "a second", ...REDIS_KINDS, "Redis in all"], rows };
}
