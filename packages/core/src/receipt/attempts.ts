import type { Call, CallCounts } from "./call.ts";
import type { Receipt } from "./receipt.ts";

const ATTEMPTS: Readonly<Record<CallCounts, number>> = { attempt: 1, lost: 1, outage: 0, "outage-lost": 0, nothing: 0 };

/** The attempts that the provider failed. */
export function attemptsOf({ calls }: Pick<Receipt, "calls">): number {
  return calls.reduce((sum, call) => sum + attemptsOfCall(call), 0);
}

/** The calls in outages that may have been paid and whose answers are lost: no attempts (P7). */
export function outageCallsOf({ calls }: Pick<Receipt, "calls">): number {
  return calls.filter(({ counts }) => counts === "outage-lost").length;
}

/**
 * How many more calls may fail before the portrait ends (P15). Each call that may have been paid and gave no picture counts:
 * as an attempt, or, where it failed in an outage, beside the attempts (P7). What surely cost nothing counts in neither.
 *
 * @param attempts how many a portrait has
 */
export function callsLeft(receipt: Pick<Receipt, "calls">, attempts: number): number {
  return attempts - attemptsOf(receipt) - outageCallsOf(receipt);
}

/** The most calls that a portrait can be billed for in one round, as long as Redis keeps its receipt. */
export function mostPaidCalls(attempts: number, steps: number): number {
  return attempts * steps;
}

/** Whether a call counts towards the bound on calls. */
export function isCounted(call: Call): boolean {
  return attemptsOfCall(call) > 0 || call.counts === "outage-lost";
}

function attemptsOfCall({ counts, silences = 0 }: Call): number {
  return silences + (counts === undefined ? 0 : ATTEMPTS[counts]);
}
