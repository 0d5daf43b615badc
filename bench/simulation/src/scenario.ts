import type { Measured } from "./measure/measured.ts";

/** Purposes on which Redis spends its time. */
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

/** Receivers of a lane's nudges: only producers, on a separate channel, or every process. */
type NudgeHearers = "everybody" | "producers";

export interface Scenario {
  readonly seed: number;
  readonly workers: number;
  readonly slotsPerWorker: number;
  /** A provider call takes between 0.5 and 1.5 times this. */
  readonly providerMs: number;
  /** Provider times do not vary. Defaults to false. */
  readonly fixedProviderMs?: boolean;
  /** True if all calls are about to end together at the start, so that portraits end in waves. Defaults to false. */
  readonly waves?: boolean;
  /** Time of a portrait in its slot without provider and Redis: photo, download, result. */
  readonly besideMs: number;
  readonly latencyMs: number;
  /** Number of bulk batches, which share the total evenly. */
  readonly batches: number;
  readonly portraits: number;
  /**
   * True if slots are idle at the start, and the simulation ends when every portrait has ended. Defaults to false: a
   * steady state.
   */
  readonly whole?: boolean;
  /** Probability that a provider call fails. Defaults to 0. */
  readonly failureShare?: number;
  /** Interactive batches of 20 that arrive while the others run. Defaults to 0. */
  readonly interactive?: number;
  /** Status reads per second. Defaults to 0. */
  readonly pollsPerSecond?: number;
  /** Prefetched jobs beyond the slots, in place of the feeder's own number. */
  readonly ahead?: number;
  /** One of this many portraits is pending, and the others have ended, as in a retry of failures. Defaults to 1. */
  readonly pendingEvery?: number;
  /** Number of clients that watch each batch's events. Defaults to none. */
  readonly watchers?: number;
  /** Defaults to producers, like the engine. */
  readonly nudgeHearers?: NudgeHearers;
  /** Number of heartbeats after which a worker reads all others. Defaults to the engine's. */
  readonly beatsPerLook?: number;
  /** Minimum gap between nudged feeds per active batch. Defaults to the engine's. */
  readonly feedGapMsPerBatch?: number;
  /** True if events are published without subscribers, as on a cluster. Defaults to false, as on one Redis. */
  readonly sendsUnwatched?: boolean;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly costs: Measured;
}

export interface SimulationResult {
  readonly perSecond: number;
  /** Share of the slots' time spent in provider calls. */
  readonly slotUse: number;
  readonly redisUse: number;
  /** Commands sent to Redis. */
  readonly operationsPerSecond: number;
  /** Share of Redis' time by purpose. */
  readonly redisUseBy: Readonly<Record<RedisKind, number>>;
  readonly producerUse: number;
  /** Time from a portrait's end to its slot's next job. */
  readonly emptyMs: { readonly p50: number; readonly p99: number };
  /** Average number of jobs waiting in the lane. */
  readonly queued: number;
  /** Time between the starts of two feeds. */
  readonly feedMs: { readonly p50: number; readonly p99: number };
  readonly roundMs: { readonly p50: number; readonly p99: number };
  readonly interactiveWaitMs: { readonly p50: number; readonly p99: number; readonly most: number };
  /** Number of portraits that ended. */
  readonly settled: number;
  /** Virtual time at the end. */
  readonly endedAtMs: number;
}

/** Returns the quantile of values at a share from 0 to 1; NaN for none. Sorts the values. */
export function percentile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}
