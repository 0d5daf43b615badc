import { batchKeys, isDarkroomError, type BatchConsistency, type BatchState, type ObjectStore } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import type { ProducerContext } from "../context.ts";

/** How a batch ended, beside what its record says. */
interface End {
  readonly state: BatchState;
  /** ISO 8601. */
  readonly endedAt: string;
  readonly round: number;
  readonly consistency?: BatchConsistency | undefined | null;
  readonly reason?: string | undefined;
}

/** Notes in the batch's `batch.json` that it has ended, so that nobody who recovers it goes on with it. */
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
  const { state, endedAt, round, consistency, reason } = end;
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
    findings,
  };
  const text = `${JSON.stringify({ ...spec, rounds, ended }, undefined, 2)}\n`;
  await destination.put(batchKeys(spec.id).spec, Buffer.from(text), { contentType: "application/json" });
}

/**
 * Takes a batch that has ended off the list. One that failed is first noted in the object store: no report is written
 * of it. Can be repeated, by whoever finds it on the list.
 */
export async function putAway({ ledger, openStore, log }: ProducerContext, batchId: string): Promise<void> {
  const record = await ledger.read(batchId);
  if (record?.state === "failed") {
    const endedAt = new Date(record.endedAt ?? serverNow()).toISOString();
    const end = { state: record.state, reason: record.reason, round: record.round, endedAt };
    try {
      await putEnd(openStore(record.spec.destination.url), record, end);
    } catch (error) {
      // It may have failed because nothing can be written there.
      if (!isDarkroomError(error) || error.retryable) throw error;
      log.warn({ batch: batchId, err: error }, "the end of a batch that failed could not be noted in its destination");
    }
  }
  await ledger.retire(batchId);
}
