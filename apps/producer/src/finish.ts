import { batchKeys, isDarkroomError, type BatchState, type ObjectStore } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";
import { drainAll } from "./drain.ts";
import { putEnd } from "./put-end.ts";
import { writeReport } from "./report.ts";

/** True when every portrait has ended and there will be no more of them. */
export function isThrough({ ingested, cancelled, reopening, counts }: BatchRecord): boolean {
  return (
    reopening === undefined &&
    (ingested || cancelled) &&
    counts.pending + counts.queued + counts.running + counts.retrying === 0
  );
}

type EndState = Extract<BatchState, "completed" | "completed_with_failures" | "cancelled">;

function endState({ cancelled, counts, sourceFault }: BatchRecord): EndState {
  if (cancelled) return "cancelled";
  return counts.failed + counts.cancelled === 0 && sourceFault === undefined ? "completed" : "completed_with_failures";
}

/**
 * Writes the report and ends the batch. Every part of it can be repeated by another producer, and none of it counts when
 * somebody has opened the batch again meanwhile.
 */
export async function finish(context: ProducerContext, batchId: string): Promise<void> {
  const round = await context.ledger.beginFinish(batchId);
  if (round === undefined) return;
  await drainAll(context, batchId);
  const record = await context.ledger.read(batchId);
  if (record === undefined || record.round !== round) return;
  const destination = context.openStore(record.spec.destination.url);
  await removeInputs(context, destination, batchId);
  const consistency = await writeReport(destination, context.ledger, record);
  const state = endState(record);
  const endedAt = new Date().toISOString();
  await context.costs.note(batchId, record.days);
  await putEnd(destination, record, { state, endedAt, round, consistency });
  const { counts } = record;
  const reason = counts.total === 0 && state === "completed" ? "nothing to do: the source holds no new pictures" : "";
  if (await context.ledger.endBatch(batchId, round, state, { reason, consistency })) {
    context.log.info({ batch: batchId, state, counts }, "batch ended");
  }
}

/** Pictures that were converted for the provider go with their portraits; here go those whose worker died before that. */
async function removeInputs({ log }: ProducerContext, destination: ObjectStore, batchId: string): Promise<void> {
  try {
    for await (const { key } of destination.list({ prefix: batchKeys(batchId).inputsPrefix })) {
      await destination.delete(key);
    }
  } catch (error) {
    // A store that lets nobody delete does not keep a batch from ending.
    if (!isDarkroomError(error, "storage_denied")) throw error;
    log.warn({ batch: batchId, err: error }, "converted pictures could not be removed from the destination");
  }
}
