import { messageOf } from "@darkroom/core";
import type { PortraitRun } from "../run/portrait-run.ts";

/** Results retried for each stored one. The number of retries grows exponentially, but only while results succeed. */
const WOKEN = 2;

/**
 * Retries a few waiting results after the store accepted a result that it had refused. Each success triggers more
 * retries. If this fails, the results are retried on schedule.
 */
export async function retryUnstored({ context, lane: { lane }, claim: { spec }, receipt }: PortraitRun): Promise<void> {
  if (receipt.storageFailures === 0) return;
  const { ledger, log } = context;
  try {
    const indexes = await ledger.waits.next(spec.id, "storage", WOKEN);
    if (indexes.length === 0) return;
    await lane.promote(spec.id, (await ledger.read(spec.id))?.epoch ?? 0, indexes);
  } catch (error) {
    log.debug({ batch: spec.id }, `retrying unstored results failed: ${messageOf(error)}`);
  }
}
