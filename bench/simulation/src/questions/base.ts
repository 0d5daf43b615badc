import type { Measured } from "../measure/measured.ts";
import type { Scenario } from "../scenario.ts";
import { MOST_LANE_CONCURRENCY } from "../simulate.ts";

const PORTRAITS = 100_000_000;
/** About what a portrait costs Redis; only for how long a simulation warms up. */
const PORTRAIT_MS = 0.42;
const WARMUP_MS = 5_000;

/** What the questions have in common: one endless batch, slots that do nothing beside provider and Redis. */
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

/** Four choices of the engine, each left out: what they are for is seen from what happens without them. */
export const NUDGES_TO_ALL = { nudgeHearers: "everybody" } as const;
export const EVERY_BEAT = { beatsPerLook: 1 } as const;
export const NO_FEED_GAP = { feedGapMsPerBatch: 0 } as const;
export const ALL_EVENTS = { sendsUnwatched: true } as const;

/**
 * How long it takes until the steady state is reached. Slots that wait at a full Redis come to it only when Redis has
 * served each of them, nudge and all.
 */
export function warmupFor({ costs, workers, slotsPerWorker, providerMs, nudgeHearers }: Scenario): number {
  const slots = Math.min(MOST_LANE_CONCURRENCY, workers * slotsPerWorker);
  const nudgeMs = nudgeHearers === "everybody" ? (costs.us.publish.each * workers) / 1_000 : 0;
  const eachMs = PORTRAIT_MS + nudgeMs;
  const isFull = (slots / providerMs) * eachMs > 0.8;
  return WARMUP_MS + (isFull ? 1.3 * slots * eachMs : 0);
}

/** A full Redis makes its slots move together, in swings of seconds: it is looked at for longer. */
const FULL_MEASURE_MS = 25_000;

/** The scenario with its warm-up, and with a span that is long enough. */
export function inSteadyState(scenario: Scenario): Scenario {
  const warmupMs = warmupFor(scenario);
  const isFull = warmupMs > WARMUP_MS;
  return { ...scenario, warmupMs, measureMs: isFull ? FULL_MEASURE_MS : scenario.measureMs };
}
