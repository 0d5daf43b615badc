import type { Measured } from "../measure/measured.ts";
import type { Scenario } from "../scenario.ts";

const PORTRAITS = 100_000_000;

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
    warmupMs: 5_000,
    measureMs: providerMs > 5_000 ? 20_000 : 10_000,
    costs,
  };
}

/** A change of the engine that a question looks at: nudges heard by producers alone, others' beats read every third beat. */
export const PROPOSED = { nudgeHearers: "producers", beatsPerLook: 3 } as const;

/** Slots that wait at a full Redis come to their steady state only when it has served each of them. */
export function warmupFor(slots: number, providerMs: number): number {
  const overfull = (slots * 1_000) / providerMs > 1_500;
  return 5_000 + (overfull ? (slots / 2_500) * 1_500 : 0);
}
