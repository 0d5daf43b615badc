import type { RetryPolicy } from "@darkroom/core";
import type { Timing } from "./timing.ts";

/**
 * Returns the deployment's timing with the recipe's retry policy applied.
 *
 * @param longestStoreWaitMs longest delay between attempts to store a paid result, if shorter than the backoff's cap
 * @returns the given timing if nothing differs
 */
export function recipeTiming(timing: Timing, retry: RetryPolicy | undefined, longestStoreWaitMs?: number): Timing {
  const wished = retry === undefined ? timing : withPatience(timing, retry);
  return longestStoreWaitMs === undefined ? wished : { ...wished, longestStoreWaitMs };
}

function withPatience(timing: Timing, retry: RetryPolicy): Timing {
  const baseMs = retry.backoffBaseMs ?? timing.backoff.baseMs;
  return {
    ...timing,
    attempts: retry.attempts ?? timing.attempts,
    backoff: { baseMs, capMs: Math.max(baseMs, retry.backoffCapMs ?? timing.backoff.capMs) },
  };
}
