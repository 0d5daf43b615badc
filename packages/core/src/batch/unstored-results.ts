import { protocolMs } from "../protocol-ms.ts";

/** Paid results of a batch that may wait to be fetched or stored, however few calls its lane makes at once. */
const LEAST_UNSTORED = 10;
/** While more of them wait, one of them is tried again about twice in so long. */
const LOOK_MS = protocolMs(5_000);

/** Paid results of a batch that may wait to be fetched or stored before it pays for another portrait. */
export function mostUnstored(concurrency: number): number {
  return Math.max(LEAST_UNSTORED, concurrency);
}

/**
 * Whether a batch pays for no further portrait for now: more of its paid results than {@link mostUnstored} could not be
 * fetched or stored when that was tried last. Calls that run then are still paid, so no more than these results and the
 * running portraits are ever paid and not stored. A portrait that is paid in part goes on.
 *
 * @param concurrency calls at once of its lane, as configured
 */
export function isHeldBack({ stuck, concurrency }: { readonly stuck: number; readonly concurrency: number }): boolean {
  return stuck > mostUnstored(concurrency);
}

/**
 * The longest wait between two tries to store one of these results while their batch is held back. The more there are, the
 * longer each waits: the store gets a try every few seconds, however many wait, and a store that recovers is noticed.
 *
 * @returns undefined where the batch is not held back: the usual backoff holds
 */
export function longestStoreWaitMs(held: { readonly stuck: number; readonly concurrency: number }): number | undefined {
  return isHeldBack(held) ? held.stuck * LOOK_MS : undefined;
}
