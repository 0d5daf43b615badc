import type { Timing } from "../run/timing.ts";

/** When failures count against the provider instead of a portrait. */
export interface OutageRule {
  /** Consecutive failures, across all workers and batches, that count as an outage; 0 disables. */
  readonly failures: number;
  /** Window for counting those failures, in ms; extended to the duration of that many calls if that is longer. */
  readonly windowMs: number;
}
import type { SignOfHealth } from "./sign-of-health.ts";

interface FailedRequest {
  readonly outage: OutageRule;
  /** Configured number of concurrent calls. */
  readonly concurrency: number;
  readonly tookMs: number;
  readonly sign: SignOfHealth;
  readonly timing: Pick<Timing, "backoff">;
}

/**
 * Window in which failures count as an outage. With few slow concurrent calls, enough failures take longer than the
 * rule's window. Without a connection no portrait is at fault, so one portrait's consecutive retries may also show an
 * outage.
 */
export function outageWindowMs({ outage, concurrency, tookMs, sign, timing }: FailedRequest): number {
  const turns = Math.ceil(outage.failures / concurrency);
  const alone = sign === "unreached" ? outage.failures * (timing.backoff.baseMs + tookMs) : 0;
  return Math.max(outage.windowMs, 2 * turns * tookMs, alone);
}
