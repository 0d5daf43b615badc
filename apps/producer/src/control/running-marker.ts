import { batchKeys, messageOf, runningSignText } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import type { ProducerContext } from "../context.ts";

/**
 * Writes a marker into the batch's folder, so that no deployment with another Redis recovers a batch that is running
 * here. The marker is only a warning: a failed write does not stop the batch.
 */
export async function writeRunningMarker(
  { ledger, openStore, log, signal }: ProducerContext,
  { spec }: Pick<BatchRecord, "spec">,
): Promise<void> {
  try {
    const text = runningSignText({ at: serverNow(), by: await ledger.marks() });
    const store = openStore(spec.destination.url);
    await store.put(batchKeys(spec.id).running, Buffer.from(text), { contentType: "application/json", signal });
  } catch (error) {
    log.debug({ batch: spec.id, err: error }, `the batch's running marker could not be written: ${messageOf(error)}`);
  }
}
