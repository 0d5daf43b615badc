import type { OutageRule, Timing } from "../run/worker-context.ts";
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
