import type { LostResult } from "./lost-result.ts";
import type { Call, Outputs } from "./call.ts";
import { withCall, withoutFields } from "./change-calls.ts";
import { callOf, lastCall, type Failure, type FoundPicture, type Receipt, type Refusals } from "./receipt.ts";

/* How a receipt changes with faults beside its calls: the store, the photo, the account; and with a result of an earlier round. */

/** Returns the receipt with an attempt counted for a call that was not sent, or of which the provider made nothing. */
export function withFailedAttempt(receipt: Receipt, step: number, now: number): Receipt {
  const seen = callOf(receipt, step);
  if (seen?.outputs !== undefined) return withCall(receipt, { ...seen, counts: "attempt" });
  const { generation } = receipt.session;
  const attempt: Call = { step, at: now, generation, status: "free", counts: "attempt" };
  return { ...receipt, calls: [...receipt.calls, attempt] };
}

/** Returns the receipt with the failure that its portrait ends with should its attempts run out. */
export function withFailure(receipt: Receipt, lastFailure: Failure): Receipt {
  return { ...receipt, lastFailure };
}

/** Returns the receipt with one more failure of the object store. */
export function withStorageFailure(receipt: Receipt): Receipt {
  return { ...receipt, storageFailures: receipt.storageFailures + 1 };
}

/**
 * Returns the receipt with one more time that a picture of its last call could not be fetched.
 *
 * @param faulty digest of what the link gave, if anything
 */
export function withMiss(receipt: Receipt, faulty?: string): Receipt {
  const counted = withStorageFailure(receipt);
  const call = lastCall(receipt);
  if (call?.outputs === undefined) return counted;
  const misses = (call.outputs.misses ?? 0) + 1;
  const outputs = { ...call.outputs, misses, ...(faulty === undefined ? {} : { faulty }) };
  return withCall(counted, { ...call, outputs });
}

/** Returns the receipt with why the portrait was put off. */
export function withTrouble(receipt: Receipt, message: string): Receipt {
  return { ...receipt, lastTrouble: message.slice(0, 300) };
}

/** Returns the receipt with the account's refusals of the portrait. */
export function withRefusals(receipt: Receipt, refused: Refusals): Receipt {
  return { ...receipt, refused };
}

/** Returns the receipt with more time spent waiting for the provider. */
export function withProviderMs(receipt: Receipt, tookMs: number): Receipt {
  return { ...receipt, providerMs: receipt.providerMs + Math.round(tookMs) };
}

/** Returns the receipt with another link to the picture of its last call, to be fetched as if it had just arrived. */
export function withOtherLink(receipt: Receipt, url: string, now: number): Receipt {
  const call = lastCall(receipt);
  if (call?.outputs === undefined) return receipt;
  const urls = [url, ...call.outputs.urls.slice(1)];
  return withCall(receipt, { ...call, outputs: { ...freshOutputs(call, now), urls, relinked: true } });
}

/** Returns the receipt with the pictures that an earlier round paid for and lost: they cost nothing more. */
export function withLostResult(receipt: Receipt, lost: LostResult, now: number): Receipt {
  const calls = lost.calls.map((call): Call => {
    const { step, at, generation, priceMicroUsd } = call;
    const price = priceMicroUsd === undefined ? {} : { priceMicroUsd };
    return { step, at, generation, ...price, status: "found", outputs: freshOutputs(call, now) };
  });
  return { ...receipt, calls: [...receipt.calls, ...calls], found: lost.booked };
}

/** Returns the receipt with what an earlier round has booked for its pictures. */
export function withBooked(receipt: Receipt, found: FoundPicture): Receipt {
  return { ...receipt, found };
}

function freshOutputs({ outputs = { urls: [], at: 0 } }: Call, now: number): Outputs {
  return { ...withoutFields(outputs, "misses", "faulty"), at: now, finished: true };
}
