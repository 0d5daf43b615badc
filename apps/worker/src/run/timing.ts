import type { BackoffPolicy } from "@darkroom/core";

/** Time limits of a portrait in ms, and its number of attempts. */
export interface Timing {
  /** Limit of one provider call. */
  readonly deadlineMs: number;
  /** Longest silence within a provider call. */
  readonly idleMs: number;
  /** Provider failures after which a portrait fails. */
  readonly attempts: number;
  readonly backoff: BackoffPolicy;
  /** Longest delay between attempts to store a paid result. Defaults to the backoff's. */
  readonly longestStoreWaitMs?: number;
  /** Interval between recalls of a lost answer. */
  readonly lookMs: number;
  /** Upper limit for a provider's requested delay. */
  readonly retryAfterCapMs: number;
}
