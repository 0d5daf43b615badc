import type { Violence } from "./blow-plan.ts";
import type { ChaosOptions } from "./run-chaos.ts";

type Form = Omit<ChaosOptions, "seed" | "say" | "forgetful">;

/** For a run of half a minute. */
const SHORT_VIOLENCE: Violence = {
  killWorkerEveryMs: [6_000, 10_000],
  killProducerEveryMs: [8_000, 14_000],
  freezeWorkerEveryMs: [5_000, 10_000],
  freezeWorkerMs: [2_500, 6_000],
  freezeProducerEveryMs: [12_000, 20_000],
  freezeProducerMs: [6_500, 8_000],
  redisEveryMs: [4_000, 8_000],
  redisDownMs: [200, 1_500],
  redisFrozenMs: [2_500, 4_000],
  stormEveryMs: [3_000, 6_000],
  stormMs: [500, 2_500],
};

/**
 * For runs of several minutes: long enough for a takeover of claims while their holder is frozen, and for 20 s without
 * Redis.
 */
const LONG_VIOLENCE: Violence = {
  killWorkerEveryMs: [5_000, 20_000],
  killProducerEveryMs: [8_000, 25_000],
  freezeWorkerEveryMs: [6_000, 15_000],
  freezeWorkerMs: [2_500, 20_000],
  freezeProducerEveryMs: [15_000, 30_000],
  freezeProducerMs: [6_500, 15_000],
  redisEveryMs: [10_000, 30_000],
  redisDownMs: [200, 5_000],
  redisFrozenMs: [2_500, 20_000],
  stormEveryMs: [4_000, 12_000],
  stormMs: [500, 5_000],
};

/** Part of every test run. */
export const SHORT_FORM: Form = {
  portraits: 600,
  violence: SHORT_VIOLENCE,
  blowsForMs: 20_000,
  calmWithinMs: 120_000,
  concurrency: 40,
  latencyMs: [300, 1_200],
  moreFaults: [],
  steps: 1,
  workers: 3,
  producers: 2,
};

/** For manual runs. */
export const LONG_FORM: Form = {
  portraits: 5_000,
  violence: LONG_VIOLENCE,
  blowsForMs: 600_000,
  calmWithinMs: 600_000,
  concurrency: 60,
  latencyMs: [500, 3_000],
  moreFaults: ["silence", "no_headers", "trickle", "session_forgotten", "session_busy"],
  steps: 2,
  workers: 3,
  producers: 2,
};
