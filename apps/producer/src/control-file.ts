import { controlFileOf } from "@darkroom/archive";
import { batchKeys } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";

/** Notes in the object store what people did to the batch, where that is not known there yet. */
export async function keepControlFile(context: ProducerContext, record: BatchRecord): Promise<void> {
  const { ledger } = context;
  let latest: BatchRecord | undefined = record;
  // Another producer may have put a newer one in between: what lies there in the end is never older than what is noted.
  while (latest !== undefined && latest.revision > latest.storedRevision) {
    await putControlFile(context, latest);
    const present = await ledger.control.storedRevision(latest.spec.id, latest.revision);
    if (present === latest.revision) return;
    latest = await ledger.read(latest.spec.id);
  }
}

/** Writes the control file as the record says. */
export async function putControlFile(
  { openStore }: Pick<ProducerContext, "openStore">,
  record: BatchRecord,
): Promise<void> {
  const text = `${JSON.stringify(controlFileOf(record), undefined, 2)}\n`;
  await openStore(record.spec.destination.url).put(batchKeys(record.spec.id).control, Buffer.from(text), {
    contentType: "application/json",
  });
}
