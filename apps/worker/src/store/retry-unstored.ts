import { messageOf } from "@darkroom/core";
import type { PortraitRun } from "../run/portrait-run.ts";

/** Retried results for each stored one: the number of retries grows fast, but only while results succeed. */
const WOKEN = 2;

/**
 * After the store accepted a result that it had refused, retries a few others that wait for it. Each success retries
 * more. On an error here, they are retried on schedule.
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
