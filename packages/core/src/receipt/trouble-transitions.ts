import type { LostResult } from "./lost-result.ts";
import type { Call, Outputs } from "./call.ts";
import { withCall, withoutFields } from "./change-calls.ts";
import { callOf, lastCall, type Failure, type FoundPicture, type Receipt, type Refusals } from "./receipt.ts";

/*
 * Changes to a receipt by errors other than its calls' (the store, the photo, the account), and by a result of an
 * earlier round.
 */

/** Counts an attempt for a call that was not sent, or for which the provider made nothing. */
export function withFailedAttempt(receipt: Receipt, step: number, now: number): Receipt {
  const seen = callOf(receipt, step);
  if (seen?.outputs !== undefined) return withCall(receipt, { ...seen, counts: "attempt" });
  const { generation } = receipt.session;
  const attempt: Call = { step, at: now, generation, status: "free", counts: "attempt" };
  return { ...receipt, calls: [...receipt.calls, attempt] };
}

/** Records the failure with which the portrait ends if no attempts are left. */
export function withFailure(receipt: Receipt, lastFailure: Failure): Receipt {
  return { ...receipt, lastFailure };
}

/** Counts a failure of the object store. */
export function withStorageFailure(receipt: Receipt): Receipt {
  return { ...receipt, storageFailures: receipt.storageFailures + 1 };
}

/**
 * Counts a failed fetch of a picture of the last call.
 *
 * @param faulty digest of the link's content, if any
 */
export function withMiss(receipt: Receipt, faulty?: string): Receipt {
  const counted = withStorageFailure(receipt);
  const call = lastCall(receipt);
  if (call?.outputs === undefined) return counted;
  const misses = (call.outputs.misses ?? 0) + 1;
  const outputs = { ...call.outputs, misses, ...(faulty === undefined ? {} : { faulty }) };
  return withCall(counted, { ...call, outputs });
}

/** Records why the portrait was delayed. */
export function withTrouble(receipt: Receipt, message: string): Receipt {
  return { ...receipt, lastTrouble: message.slice(0, 300) };
}

/** Records the account's refusals of the portrait. */
export function withRefusals(receipt: Receipt, refused: Refusals): Receipt {
  return { ...receipt, refused };
}

/** Adds time spent waiting for the provider. */
export function withProviderMs(receipt: Receipt, tookMs: number): Receipt {
  return { ...receipt, providerMs: receipt.providerMs + Math.round(tookMs) };
}

/** Replaces the link to the picture of the last call. The new link is fetched as if it had just arrived. */
export function withOtherLink(receipt: Receipt, url: string, now: number): Receipt {
  const call = lastCall(receipt);
  if (call?.outputs === undefined) return receipt;
  const urls = [url, ...call.outputs.urls.slice(1)];
  return withCall(receipt, { ...call, outputs: { ...freshOutputs(call, now), urls, relinked: true } });
}

/** Adds the pictures that an earlier round paid for and lost, at no further cost. */
export function withLostResult(receipt: Receipt, lost: LostResult, now: number): Receipt {
  const calls = lost.calls.map((call): Call => {
    const { step, at, generation, priceMicroUsd } = call;
    const price = priceMicroUsd === undefined ? {} : { priceMicroUsd };
    return { step, at, generation, ...price, status: "found", outputs: freshOutputs(call, now) };
  });
  return { ...receipt, calls: [...receipt.calls, ...calls], found: lost.booked };
}

/** Records the costs that an earlier round recorded for these pictures. */
export function withBooked(receipt: Receipt, found: FoundPicture): Receipt {
  return { ...receipt, found };
}

function freshOutputs({ outputs = { urls: [], at: 0 } }: Call, now: number): Outputs {
  return { ...withoutFields(outputs, "misses", "faulty"), at: now, finished: true };
}
