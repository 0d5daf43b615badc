import type { Measured } from "../measure/measured.ts";
import type { Scenario } from "../scenario.ts";
import { MOST_LANE_CONCURRENCY } from "../simulate.ts";

const PORTRAITS = 100_000_000;
/** Approximate cost of a portrait for Redis, in ms. Only used for the warm-up time. */
const PORTRAIT_MS = 0.42;
const WARMUP_MS = 5_000;

/** Common settings of the questions: one endless batch, and slots that spend time only in provider and Redis. */
export function baseScenario(costs: Measured, providerMs: number): Scenario {
  return {
    seed: 1,
    workers: 100,
    slotsPerWorker: 10,
    providerMs,
    besideMs: 0,
    latencyMs: 0.2,
    batches: 1,
    portraits: PORTRAITS,
    warmupMs: WARMUP_MS,
    measureMs: providerMs > 5_000 ? 20_000 : 10_000,
    costs,
  };
}

/** Four design choices of the engine. Each is omitted to show its effect. */
export const NUDGES_TO_ALL = { nudgeHearers: "everybody" } as const;
export const EVERY_BEAT = { beatsPerLook: 1 } as const;
export const NO_FEED_GAP = { feedGapMsPerBatch: 0 } as const;
export const ALL_EVENTS = { sendsUnwatched: true } as const;

/**
 * Returns the time to reach the steady state. With a fully loaded Redis, slots reach that state only after Redis has
 * served each of them, including nudges.
 */
export function warmupFor({ costs, workers, slotsPerWorker, providerMs, nudgeHearers }: Scenario): number {
  const slots = Math.min(MOST_LANE_CONCURRENCY, workers * slotsPerWorker);
  const nudgeMs = nudgeHearers === "everybody" ? (costs.us.publish.each * workers) / 1_000 : 0;
  const eachMs = PORTRAIT_MS + nudgeMs;
  const isFull = (slots / providerMs) * eachMs > 0.8;
  return WARMUP_MS + (isFull ? 1.3 * slots * eachMs : 0);
}

/** With a fully loaded Redis, slots synchronize and oscillate over seconds, so the simulation runs longer. */
const FULL_MEASURE_MS = 25_000;

/** Returns the scenario with its warm-up, and with a sufficient duration. */
export function inSteadyState(scenario: Scenario): Scenario {
  const warmupMs = warmupFor(scenario);
  const isFull = warmupMs > WARMUP_MS;
  return { ...scenario, warmupMs, measureMs: isFull ? FULL_MEASURE_MS : scenario.measureMs };
}
