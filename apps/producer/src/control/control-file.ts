import { removeOlderControlFiles, writeControlFile } from "@darkroom/archive";
import { isDarkroomError } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

/** Writes the batch's control file when the record is newer than the stored copy. */
export async function storeControlFile(context: ProducerContext, record: BatchRecord): Promise<void> {
  const { ledger, openStore, log } = context;
  if (record.revision <= record.storedRevision) return;
  const store = openStore(record.spec.destination.url);
  await writeControlFile(store, record);
  await ledger.control.storedRevision(record.spec.id, record.revision);
  await removeOlderControlFiles(store, record.spec.id).catch((error: unknown) => {
    // The newest file counts, so older files may remain in a store that forbids deletes.
    if (!isDarkroomError(error)) throw error;
    log.debug({ batch: record.spec.id, err: error }, "could not remove older control files");
  });
}
