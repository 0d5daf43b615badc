import type { OutageRule, Timing } from "../run/worker-context.ts";
import type { SignOfHealth } from "./sign-of-health.ts";

interface FailedRequest {
  readonly outage: OutageRule;
  /** Calls at once, as configured. */
  readonly concurrency: number;
  readonly tookMs: number;
  readonly sign: SignOfHealth;
  readonly timing: Pick<Timing, "backoff">;
}

/**
 * Within which time failures make an outage. Few slow calls at once need longer than the rule's window to fail so often.
 * Where no connection can be made no portrait is at fault: a single one may show it, one try after another.
 */
export function outageWindowMs({ outage, concurrency, tookMs, sign, timing }: FailedRequest): number {
  const turns = Math.ceil(outage.failures / concurrency);
  const alone = sign === "unreached" ? outage.failures * (timing.backoff.baseMs + tookMs) : 0;
  return Math.max(outage.windowMs, 2 * turns * tookMs, alone);
}
