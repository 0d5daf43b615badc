/** The calls that a key may make now, of its calls per minute. */
export interface CallQuota {
  readonly callsPerMinute: number;
  /** Calls that are allowed in the next {@link seconds}. */
  readonly remaining: number;
  /** Until the key may make all calls of a burst again or, without a remaining call, until the next call. */
  readonly seconds: number;
}

/** Returns the burst allowed after a pause: a tenth of a minute's calls, and at least five. */
export function burstOf(callsPerMinute: number): number {
  return Math.min(callsPerMinute, Math.max(5, Math.round(callsPerMinute / 10)));
}

/** Returns the time between two calls at the key's rate. */
export function intervalOf(callsPerMinute: number): number {
  return 60_000 / callsPerMinute;
}

/**
 * Describes the state of a key's rate limit after a call.
 *
 * @param aheadMs how far the limit's clock is ahead of the present time; grows by an interval with each call
 */
export function callQuota(callsPerMinute: number, aheadMs: number): CallQuota {
  const intervalMs = intervalOf(callsPerMinute);
  const burst = burstOf(callsPerMinute);
  const remaining = Math.max(0, Math.min(burst, Math.floor(burst - aheadMs / intervalMs)));
  const waitMs = remaining > 0 ? aheadMs : aheadMs - (burst - 1) * intervalMs;
  return { callsPerMinute, remaining, seconds: Math.max(0, Math.ceil(waitMs / 1_000)) };
}
