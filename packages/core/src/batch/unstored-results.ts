import { protocolMs } from "../protocol-ms.ts";

/** Minimum number of paid results of a batch that may wait to be fetched or stored, even with few concurrent calls. */
const LEAST_UNSTORED = 10;
/**
 * While too many results wait, the maximum retry delay of each is this time multiplied by their number. In total, about
 * two attempts start within this time.
 */
const LOOK_MS = protocolMs(5_000);

/** Maximum number of paid results that may wait to be fetched or stored before the batch pays for another portrait. */
export function mostUnstored(concurrency: number): number {
  return Math.max(LEAST_UNSTORED, concurrency);
}

/**
 * True if a batch must not pay for more portraits now, because more than {@link mostUnstored} of its paid results could
 * not be fetched or stored at the last attempt. Running calls are still paid, which bounds the number of results paid
 * and not stored. A partly paid portrait continues.
 *
 * @param concurrency the lane's configured concurrent calls
 */
export function isHeldBack({ stuck, concurrency }: { readonly stuck: number; readonly concurrency: number }): boolean {
  return stuck > mostUnstored(concurrency);
}

/**
 * Returns the maximum delay between two attempts to store one of these results while their batch is held back. The
 * delay grows with their number, so that the store gets an attempt every few seconds in total and its recovery is
 * noticed.
 *
 * @returns undefined if the batch is not held back, so that the usual backoff applies
 */
export function longestStoreWaitMs(held: { readonly stuck: number; readonly concurrency: number }): number | undefined {
  return isHeldBack(held) ? held.stuck * LOOK_MS : undefined;
}
