import { removeOlderControlFiles, writeControlFile } from "@darkroom/archive";
import { isDarkroomError } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

/** Notes in the object store what people did to the batch, where that is not known there yet. */
export async function keepControlFile(context: ProducerContext, record: BatchRecord): Promise<void> {
  const { ledger, openStore, log } = context;
  if (record.revision <= record.storedRevision) return;
  const store = openStore(record.spec.destination.url);
  await writeControlFile(store, record);
  await ledger.control.storedRevision(record.spec.id, record.revision);
  await removeOlderControlFiles(store, record.spec.id).catch((error: unknown) => {
    // The newest counts: a store that lets nobody delete keeps them all.
    if (!isDarkroomError(error)) throw error;
    log.debug({ batch: record.spec.id, err: error }, "older control files could not be removed");
  });
}
