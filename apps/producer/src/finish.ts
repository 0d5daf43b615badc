import {
  batchKeys,
  isDarkroomError,
  isEnded,
  type BatchConsistency,
  type BatchState,
  type ObjectStore,
} from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";
import { drainAll } from "./drain.ts";
import { putEnd } from "./put-end.ts";
import { writeReport } from "./report.ts";

/** What was not written to for so long is no put that goes on: a result is in memory when its put begins. */
const LEFTOVER_MS = 600_000;

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
 * somebody has opened the batch again meanwhile. One that stood still for so long that the batch has ended anew has put
 * older files over those of that end: they are written once more.
 */
export async function finish(context: ProducerContext, batchId: string): Promise<void> {
  const { ledger, log } = context;
  let round = await ledger.beginFinish(batchId);
  while (round !== undefined) {
    await drainAll(context, batchId);
    const record = await ledger.read(batchId);
    if (record === undefined || record.round !== round) return;
    const { state, consistency } = await writeEnd(context, record);
    const { counts } = record;
    const reason = counts.total === 0 && state === "completed" ? "nothing to do: the source holds no new pictures" : "";
    if (await ledger.endBatch(batchId, round, state, { reason, consistency })) {
      log.info({ batch: batchId, state, counts, failures: record.failures, costUsd: record.costUsd }, `batch ${state}`);
      return;
    }
    const now = await ledger.read(batchId);
    if (now === undefined || now.round === round) return;
    if (isEnded(now.state)) log.warn({ batch: batchId }, "a report of an older round was late: it is written again");
    round = isEnded(now.state) || now.state === "finishing" ? now.round : undefined;
  }
}

/** Writes the files of an end: of the one that is there, or of the one that is to come. */
async function writeEnd(
  context: ProducerContext,
  record: BatchRecord,
): Promise<{ readonly state: EndState; readonly consistency: BatchConsistency | null }> {
  const { spec, round } = record;
  const destination = context.openStore(spec.destination.url);
  await removeInputs(context, destination, spec.id);
  const consistency = await writeReport(destination, context, record);
  const state = endState(record);
  const endedAt = new Date(record.endedAt ?? Date.now()).toISOString();
  await context.costs.note(spec.id, record.days);
  await putEnd(destination, record, { state, endedAt, round, consistency });
  return { state, consistency };
}

/**
 * Pictures that were converted for the provider go with their portraits; here go those whose worker died before that, and
 * the halves of pictures that dead workers were writing (P8).
 */
async function removeInputs({ log }: ProducerContext, destination: ObjectStore, batchId: string): Promise<void> {
  try {
    const { inputsPrefix } = batchKeys(batchId);
    for await (const { key } of destination.list({ prefix: inputsPrefix })) {
      await destination.delete(key);
    }
    await destination.removeLeftovers?.(inputsPrefix, 0);
    // Other batches may be writing into the same folder.
    await destination.removeLeftovers?.("", LEFTOVER_MS);
  } catch (error) {
    // A store that lets nobody delete does not keep a batch from ending.
    if (!isDarkroomError(error, "storage_denied")) throw error;
    log.warn({ batch: batchId, err: error }, "converted pictures could not be removed from the destination");
  }
}
