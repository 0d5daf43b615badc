import type { Call, CallCounts } from "./call.ts";
import type { Receipt } from "./receipt.ts";

const ATTEMPTS: Readonly<Record<CallCounts, number>> = { attempt: 1, lost: 1, outage: 0, "outage-lost": 0, nothing: 0 };

/** Counts the attempts that failed at the provider. */
export function attemptsOf({ calls }: Pick<Receipt, "calls">): number {
  return calls.reduce((sum, call) => sum + attemptsOfCall(call), 0);
}

/** Counts the calls in outages that may have been paid and whose answers are lost. Such calls are not attempts (P7). */
export function outageCallsOf({ calls }: Pick<Receipt, "calls">): number {
  return calls.filter(({ counts }) => counts === "outage-lost").length;
}

/**
 * Returns how many more calls may fail before the portrait ends (P15). Each call without a picture that may have been
 * paid counts, either as an attempt or, if it failed in an outage, separately (P7). Calls that certainly cost nothing
 * do not count.
 *
 * @param attempts maximum number of attempts of a portrait
 */
export function callsLeft(receipt: Pick<Receipt, "calls">, attempts: number): number {
  return attempts - attemptsOf(receipt) - outageCallsOf(receipt);
}

/** Returns the maximum number of billed calls of a portrait in one round, as long as Redis keeps its receipt. */
export function mostPaidCalls(attempts: number, steps: number): number {
  return attempts * steps;
}

/** True if a call counts towards the limit on calls. */
export function isCounted(call: Call): boolean {
  return attemptsOfCall(call) > 0 || call.counts === "outage-lost";
}

function attemptsOfCall({ counts, silences = 0 }: Call): number {
  return silences + (counts === undefined ? 0 : ATTEMPTS[counts]);
}
