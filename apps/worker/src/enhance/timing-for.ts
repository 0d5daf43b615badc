import type { RetryPolicy } from "@darkroom/core";
import type { Timing } from "../run/worker-context.ts";

/**
 * The deployment's timing with a recipe's own patience.
 *
 * @param longestStoreWaitMs the most that a paid result waits until storing it is tried again, beside the backoff's own cap
 * @returns the timing itself where nothing differs
 */
export function timingFor(timing: Timing, retry: RetryPolicy | undefined, longestStoreWaitMs?: number): Timing {
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
