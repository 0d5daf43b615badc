import {
  batchKeys,
  isDarkroomError,
  isEnded,
  messageOf,
  type BatchConsistency,
  type BatchLikeness,
  type BatchState,
  type LeftBehindCounts,
  type ObjectStore,
} from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { emptySourceText } from "@darkroom/manifest";
import { serverNow } from "@darkroom/redis-kit";
import type { ProducerContext } from "../context.ts";
import { drainAll } from "./drain.ts";
import { putEnd } from "./batch-end-file.ts";
import { writeReport, type LostRows } from "./report.ts";

/** An older partial file belongs to a dead writer, because a put begins only when the whole result is in memory. */
const LEFTOVER_MS = 600_000;

/** True when every portrait has ended and no more will be added. */
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
 * Writes the report and ends the batch. Idempotent. Has no effect if the batch was reopened in the meantime. A producer
 * that stalled until the batch ended again may have overwritten newer files, so that producer writes the files once
 * more.
 */
export async function finish(context: ProducerContext, batchId: string): Promise<void> {
  const { ledger, log } = context;
  let round = await ledger.beginFinish(batchId);
  while (round !== undefined) {
    const record = await ledger.read(batchId);
    if (record === undefined || record.round !== round) return;
    const end = await writeEnd(context, record);
    const { state } = end;
    if (await ledger.endBatch(batchId, round, state, end)) {
      const { counts, failures, costUsd } = record;
      log.info({ batch: batchId, state, counts, failures, costUsd }, `batch ${state}`);
      return;
    }
    const now = await ledger.read(batchId);
    if (now === undefined || now.round === round) return;
    if (isEnded(now.state))
      log.warn({ batch: batchId }, "a stale report may have overwritten the latest: writing it again");
    round = isEnded(now.state) || now.state === "finishing" ? now.round : undefined;
  }
}

/** Explains why a batch has no portraits: all were delivered before, or the source contains no photo. */
function nothingToDo({ spec, findings }: Pick<BatchRecord, "spec" | "findings">): string {
  const { leftOut = [], unchanged = 0 } = findings ?? {};
  if (unchanged > 0)
    return `nothing to do: nothing is new, all ${unchanged} photos of the source were delivered before`;
  if (spec.source.kind !== "prefix") return "nothing to do: the manifest names no new photo";
  return `nothing to do: the source contains no photo: ${emptySourceText(spec.source, leftOut)}`;
}

interface WrittenEnd {
  readonly state: EndState;
  readonly reason: string;
  readonly consistency: BatchConsistency | null;
  readonly likeness: BatchLikeness | null;
  readonly leftBehind: LeftBehindCounts;
  readonly hasReport: boolean;
}

/** Failed reads after which a snapshot part counts as lost. */
const LOOKS_FOR_SNAPSHOT = 2;

/**
 * Writes the report and `batch.json`. After a few failed reads of a snapshot part, the report omits its rows. If no
 * file can be written, the batch ends without a report once a user requests that.
 */
async function writeEnd(context: ProducerContext, record: BatchRecord): Promise<WrittenEnd> {
  const { spec, round, endNow } = record;
  const destination = context.openStore(spec.destination.url);
  const stall = record.stalls.find(({ duty }) => duty === "finish");
  const mayLack = endNow !== undefined || (stall?.reason === "snapshot" && stall.tries >= LOOKS_FOR_SNAPSHOT);
  const lostRows: LostRows | undefined = mayLack ? new Map() : undefined;
  const state = endState(record);
  const endedAt = new Date(record.endedAt ?? serverNow()).toISOString();
  await context.costs.note(spec, record.days);
  try {
    await drainAll(context, spec.id);
    await removeInputs(context, destination, spec.id);
    const { consistency, likeness, leftBehind } = await writeReport(destination, context, record, lostRows);
    const reason = reasonOf(record, state, lostRows);
    const summary = { state, consistency, likeness, leftBehind };
    await putEnd(destination, record, { ...summary, endedAt, round, reason: reason || undefined });
    return { ...summary, reason, hasReport: true };
  } catch (error) {
    if (endNow === undefined || context.signal.aborted) throw error;
    context.log.warn({ batch: spec.id, err: error }, "ending the batch without its report, as requested");
    const reason = `${endNow}; its report could not be written: ${messageOf(error)}`;
    await putEnd(destination, record, { state: "cancelled", endedAt, round, reason }).catch((unsaid: unknown) => {
      context.log.warn({ batch: spec.id, err: unsaid }, "could not write batch.json of the ended batch");
    });
    return { state: "cancelled", consistency: null, likeness: null, leftBehind: {}, reason, hasReport: false };
  }
}

function reasonOf(record: BatchRecord, state: EndState, lostRows: LostRows = new Map()): string {
  const lost = [...lostRows.values()];
  const [first] = lost;
  if (first !== undefined) {
    const rows = lost.reduce((sum, { count }) => sum + count, 0);
    return `the report has only the outcome of ${rows} portraits: ${first.message}`;
  }
  return record.counts.total === 0 && state === "completed" ? nothingToDo(record) : "";
}

/** Removes converted photos and partial files that dead workers left behind (P8). Live workers remove their own. */
async function removeInputs({ log }: ProducerContext, destination: ObjectStore, batchId: string): Promise<void> {
  try {
    const { inputsPrefix, running } = batchKeys(batchId);
    await destination.delete(running);
    for await (const { key } of destination.list({ prefix: inputsPrefix })) {
      await destination.delete(key);
    }
    await destination.removeLeftovers?.(inputsPrefix, 0);
    // Other batches may be writing to the same folder.
    await destination.removeLeftovers?.("", LEFTOVER_MS);
  } catch (error) {
    // A store that forbids deletes must not prevent the end of the batch.
    if (!isDarkroomError(error, "storage_denied")) throw error;
    log.warn({ batch: batchId, err: error }, "could not remove converted pictures from the destination");
  }
}
