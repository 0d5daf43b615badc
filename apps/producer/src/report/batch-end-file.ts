import {
  batchKeys,
  isDarkroomError,
  type BatchConsistency,
  type BatchLikeness,
  type BatchState,
  type LeftBehindCounts,
  type ObjectStore,
} from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import type { ProducerContext } from "../context.ts";

/** Data about the end of a batch that its record does not contain. */
interface End {
  readonly state: BatchState;
  /** ISO 8601. */
  readonly endedAt: string;
  readonly round: number;
  readonly consistency?: BatchConsistency | undefined | null;
  readonly likeness?: BatchLikeness | undefined | null;
  readonly leftBehind?: LeftBehindCounts | undefined;
  readonly reason?: string | undefined;
}

/** Records the end in `batch.json`, so that a recovery does not continue the batch. */
export async function putEnd(destination: ObjectStore, record: BatchRecord, end: End): Promise<void> {
  const {
    spec,
    counts,
    failures,
    costUsd,
    lostUsd,
    maybeUsd,
    maybeBilled,
    days,
    sourceFault,
    sourceNote,
    rounds,
    findings,
  } = record;
  const { state, endedAt, round, consistency, likeness, leftBehind, reason } = end;
  const spent = { costUsd, lostUsd, maybeUsd, maybeBilled, days };
  const ended = {
    state,
    reason,
    endedAt,
    round,
    counts,
    failures,
    ...spent,
    sourceFault,
    sourceNote,
    consistency,
    likeness,
    leftBehind,
    findings,
  };
  const text = `${JSON.stringify({ ...spec, rounds, ended }, undefined, 2)}\n`;
  await destination.put(batchKeys(spec.id).spec, Buffer.from(text), { contentType: "application/json" });
}

/**
 * Retires an ended batch. A failed batch has no report, so its end is recorded in the object store first. Idempotent.
 */
export async function retireBatch({ ledger, openStore, log }: ProducerContext, batchId: string): Promise<void> {
  const record = await ledger.read(batchId);
  if (record?.state === "failed") {
    const endedAt = new Date(record.endedAt ?? serverNow()).toISOString();
    const end = { state: record.state, reason: record.reason, round: record.round, endedAt };
    try {
      await putEnd(openStore(record.spec.destination.url), record, end);
    } catch (error) {
      // The batch may have failed because of the destination itself.
      if (!isDarkroomError(error) || error.retryable) throw error;
      log.warn({ batch: batchId, err: error }, "could not write batch.json of the failed batch");
    }
  }
  await ledger.retire(batchId);
}
