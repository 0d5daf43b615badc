import { controlFileOf } from "@darkroom/archive";
import { batchKeys } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";

/** Notes in the object store what people did to the batch, where that is not known there yet. */
export async function keepControlFile(context: ProducerContext, record: BatchRecord): Promise<void> {
  if (record.revision <= record.storedRevision) return;
  const text = `${JSON.stringify(controlFileOf(record), undefined, 2)}\n`;
  await context
    .openStore(record.spec.destination.url)
    .put(batchKeys(record.spec.id).control, Buffer.from(text), { contentType: "application/json" });
  await context.ledger.control.storedRevision(record.spec.id, record.revision);
}
