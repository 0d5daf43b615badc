import type { Measured } from "./measure/measured.ts";

/** What Redis spends its time on. */
export const REDIS_KINDS = [
  "portraits",
  "nudges",
  "dispatch",
  "rounds",
  "heartbeats",
  "gate renewals",
  "lock renewals",
  "looks at batches",
  "status polls",
] as const;
export type RedisKind = (typeof REDIS_KINDS)[number];

/** Who hears a lane's nudges: producers alone, on a channel of their own, or every process. */
type NudgeHearers = "everybody" | "producers";

export interface Scenario {
  readonly seed: number;
  readonly workers: number;
  readonly slotsPerWorker: number;
  /** A provider call takes half of this to one and a half times this. */
  readonly providerMs: number;
  /** Provider times do not vary. Defaults to false. */
  readonly fixedProviderMs?: boolean;
  /** At the start all calls are about to end together, so that portraits end in waves. Defaults to false. */
  readonly waves?: boolean;
  /** What a portrait takes in its slot beside provider and Redis: photo, download, result. */
  readonly besideMs: number;
  readonly latencyMs: number;
  /** Bulk batches, of as many portraits each as make up the total. */
  readonly batches: number;
  readonly portraits: number;
  /** Slots are idle at the start, and the simulation ends when every portrait has. Defaults to false: a steady state. */
  readonly whole?: boolean;
  /** Chance that a provider call fails. Defaults to 0. */
  readonly failureShare?: number;
  /** Interactive batches of 20 that come while the others run. Defaults to 0. */
  readonly interactive?: number;
  /** Status reads a second. Defaults to 0. */
  readonly pollsPerSecond?: number;
  /** Jobs kept ready beyond the slots, in place of the feeder's own. */
  readonly ahead?: number;
  /** One in so many portraits is pending, the others have ended: a retry of what failed. Defaults to 1. */
  readonly pendingEvery?: number;
  /** Who watches each batch's events. Defaults to nobody. */
  readonly watchers?: number;
  /** Defaults to producers, as the engine does it. */
  readonly nudgeHearers?: NudgeHearers;
  /** Every how many beats a worker reads all the others' beats. Defaults to the engine's. */
  readonly beatsPerLook?: number;
  /** Feedings on a nudge are at least this far apart for each active batch. Defaults to the engine's. */
  readonly feedGapMsPerBatch?: number;
  /** Events are sent where nobody hears them, as on a cluster. Defaults to false, as on one Redis. */
  readonly sendsUnwatched?: boolean;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly costs: Measured;
}

export interface SimulationResult {
  readonly perSecond: number;
  /** Share of the slots' time that is spent in provider calls. */
  readonly slotUse: number;
  readonly redisUse: number;
  /** Commands that Redis was sent. */
  readonly operationsPerSecond: number;
  /** Share of Redis' time by what it is spent on. */
  readonly redisUseBy: Readonly<Record<RedisKind, number>>;
  readonly producerUse: number;
  /** From a portrait's end to the next job in the slot's hands. */
  readonly emptyMs: { readonly p50: number; readonly p99: number };
  /** Jobs that wait in the lane, on average. */
  readonly queued: number;
  /** From one beginning of feeding to the next. */
  readonly feedMs: { readonly p50: number; readonly p99: number };
  readonly roundMs: { readonly p50: number; readonly p99: number };
  readonly interactiveWaitMs: { readonly p50: number; readonly p99: number; readonly most: number };
  /** Portraits that ended, in all. */
  readonly settled: number;
  /** Virtual time at the end. */
  readonly endedAtMs: number;
}

/** What lies at a share of values, from 0 to 1; NaN for none. Sorts them. */
export function percentile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}
