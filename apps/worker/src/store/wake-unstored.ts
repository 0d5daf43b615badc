import { messageOf } from "@darkroom/core";
import type { PortraitRun } from "../run/portrait-run.ts";

/** So many for each result that was stored: all are tried within a few rounds, and no more than twice as many as succeed. */
const WOKEN = 2;

/**
 * The store has taken a result that it had refused before: it may take others that wait for it. Some of them are tried now,
 * and each that is stored wakes others in turn. Where this fails, they come by themselves.
 */
export async function wakeUnstored({ context, lane: { lane }, claim: { spec }, receipt }: PortraitRun): Promise<void> {
  if (receipt.storageFailures === 0) return;
  const { ledger, log } = context;
  try {
    const indexes = await ledger.waits.next(spec.id, "storage", WOKEN);
    if (indexes.length === 0) return;
    await lane.promote(spec.id, (await ledger.read(spec.id))?.epoch ?? 0, indexes);
  } catch (error) {
    log.debug({ batch: spec.id }, `waking results that wait to be stored: ${messageOf(error)}`);
  }
}
