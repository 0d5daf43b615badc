import { batchKeys, messageOf, runningSignText } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import type { ProducerContext } from "../context.ts";

/**
 * Leaves a sign in the batch's folder that it is run here, so that nobody rebuilds it in another Redis meanwhile. Without
 * one everything goes on: it is a fence for people, and a store that takes no writes has other ways to say so.
 */
export async function leaveSign(
  { ledger, openStore, log, signal }: ProducerContext,
  { spec }: Pick<BatchRecord, "spec">,
): Promise<void> {
  try {
    const text = runningSignText({ at: serverNow(), by: await ledger.marks() });
    const store = openStore(spec.destination.url);
    await store.put(batchKeys(spec.id).running, Buffer.from(text), { contentType: "application/json", signal });
  } catch (error) {
    log.debug({ batch: spec.id, err: error }, `no sign of the batch could be left: ${messageOf(error)}`);
  }
}
