import { mayBePaid } from "./call.ts";
import { lastCall, type Receipt } from "./receipt.ts";

/**
 * Whether a portrait's last call may have been paid for and its answer may still be found in the provider's memory. To ask
 * costs nothing, and the memory forgets: so it is asked also while the batch pays for nothing (it is paused, out of its hours,
 * its budget is full). Not where that was done for long enough, nor at a provider that cannot be asked.
 */
export function isUnanswered(receipt: Receipt): boolean {
  const { firstIntentAt, forgets } = receipt;
  const last = lastCall(receipt);
  if (firstIntentAt === undefined || forgets === true || last === undefined) return false;
  return mayBePaid(last) && last.resend !== true;
}
