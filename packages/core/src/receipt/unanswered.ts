import { mayBePaid } from "./call.ts";
import { lastCall, type Receipt } from "./receipt.ts";

/**
 * True if a portrait's last call may have been paid, and its answer may still be in the provider's memory. A recall is
 * free and the memory forgets, so such portraits are recalled even while the batch may not pay (paused, outside its run
 * window, budget full). False once the call was recalled for long enough, and for a provider that cannot be queried.
 */
export function isUnanswered(receipt: Receipt): boolean {
  const { firstIntentAt, forgets } = receipt;
  const last = lastCall(receipt);
  if (firstIntentAt === undefined || forgets === true || last === undefined) return false;
  return mayBePaid(last) && last.resend !== true;
}
