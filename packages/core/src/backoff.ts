export interface BackoffPolicy {
  /** Upper bound of the first delay. */
  readonly baseMs: number;
  /** Maximum delay, except when `Retry-After` is longer. */
  readonly capMs: number;
}

export const DEFAULT_BACKOFF: BackoffPolicy = { baseMs: 15_000, capMs: 600_000 };

/**
 * Exponential backoff with full jitter: a delay between 0 and `min(cap, base · 2^(attempt-1))`, but never shorter than
 * the provider requested.
 *
 * @param attempt failures so far, from 1
 * @param random a number in [0, 1)
 * @returns milliseconds
 */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: number, retryAfterMs = 0): number {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 40));
  return Math.max(Math.floor(ceiling * random), retryAfterMs);
}
