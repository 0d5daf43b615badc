import type { RetryPolicy } from "@darkroom/core";
import type { Timing } from "./context.ts";

/** The deployment's timing with a recipe's own patience. */
export function timingFor(timing: Timing, retry: RetryPolicy): Timing {
  const baseMs = retry.backoffBaseMs ?? timing.backoff.baseMs;
  return {
    ...timing,
    attempts: retry.attempts ?? timing.attempts,
    backoff: { baseMs, capMs: Math.max(baseMs, retry.backoffCapMs ?? timing.backoff.capMs) },
  };
}
