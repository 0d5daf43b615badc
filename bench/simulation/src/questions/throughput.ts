import type { Measured } from "../measure/measured.ts";
import { MOST_LANE_CONCURRENCY, simulate } from "../simulate.ts";
import { percent, shown, type Table } from "../table.ts";
import { baseScenario, NUDGES_TO_ALL, inSteadyState } from "./base.ts";

const WORKERS = [10, 30, 100, 300, 1_000];
const SLOTS = [10, 100, 1_000];
/** A hundred thousand slots are simulated once, with the most workers. */
const MOST_OF_A_WORKER = 30_000;
const PROVIDER_MS = [100, 5_000, 30_000, 300_000];

export interface ThroughputPoint {
  readonly providerSeconds: number;
  readonly workers: number;
  readonly slots: number;
  readonly perSecond: number;
  readonly possiblePerSecond: number;
  readonly slotUse: number;
  readonly redisUse: number;
  readonly operationsPerSecond: number;
  readonly engine: "as it is" | "nudges to all";
}

/**
 * Question 1: throughput by workers, slots and provider times, with the real engine and with nudges that reach every
 * process.
 */
export async function throughput(
  costs: Measured,
): Promise<{ readonly points: ThroughputPoint[]; readonly table: Table }> {
  const points: ThroughputPoint[] = [];
  for (const engine of ["as it is", "nudges to all"] as const) {
    for (const providerMs of PROVIDER_MS) {
      for (const workers of WORKERS) {
        for (const slotsPerWorker of SLOTS) {
          const slots = workers * slotsPerWorker;
          if (slots > MOST_LANE_CONCURRENCY || (slotsPerWorker === 1_000 && slots > MOST_OF_A_WORKER)) continue;
          const base = baseScenario(costs, providerMs);
          const change = engine === "nudges to all" ? NUDGES_TO_ALL : {};
          const scenario = { ...base, ...change, workers, slotsPerWorker };
          const result = await simulate(inSteadyState(scenario));
          points.push({
            providerSeconds: providerMs / 1_000,
            workers,
            slots,
            perSecond: result.perSecond,
            possiblePerSecond: (slots * 1_000) / providerMs,
            slotUse: result.slotUse,
            redisUse: result.redisUse,
            operationsPerSecond: result.operationsPerSecond,
            engine,
          });
        }
      }
    }
  }
  const same = (one: ThroughputPoint, other: ThroughputPoint): boolean =>
    one.providerSeconds === other.providerSeconds && one.workers === other.workers && one.slots === other.slots;
  const rows = points
    .filter(({ engine }) => engine === "as it is")
    .map((point) => {
      const toAll = points.find((other) => other.engine === "nudges to all" && same(point, other));
      return [
        `${point.providerSeconds} s`,
        shown(point.workers),
        point.slots === MOST_LANE_CONCURRENCY ? `${shown(point.slots)}, a lane's most` : shown(point.slots),
        shown(point.possiblePerSecond),
        shown(point.perSecond),
        percent(point.slotUse),
        percent(point.redisUse),
        shown(point.operationsPerSecond),
        shown(toAll?.perSecond ?? Number.NaN),
        percent(toAll?.redisUse ?? Number.NaN),
      ];
    });
  const columns = [
    "provider",
    "workers",
    "slots",
    "possible a second",
    "portraits a second",
    "slots in calls",
    "Redis busy",
    "commands a second",
    "portraits a second, nudges to all",
    "Redis busy, nudges to all",
  ];
  return { points, table: { name: "throughput", columns, rows } };
}
