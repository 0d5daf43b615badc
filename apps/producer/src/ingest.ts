import {
  fingerprint,
  isDarkroomError,
  isRejected,
  messageOf,
  recipeFor,
  SNAPSHOT_PART_ROWS,
  type BatchSpec,
  type ObjectStore,
  type OutcomeLine,
  type SnapshotRow,
} from "@darkroom/core";
import { ownResults } from "@darkroom/intake";
import type { BatchRecord } from "@darkroom/ledger";
import { KeySet, readSnapshot, readSnapshotPart, readSource, writeSnapshotPart } from "@darkroom/manifest";
import type { ProducerContext } from "./context.ts";

/**
 * Reads a batch's source to its end: validated rows into snapshot parts, each part first into the object store and then
 * into the ledger. An ingest that died goes on after its last part; dispatch runs beside it.
 */
export async function ingest(
  context: ProducerContext,
  record: BatchRecord,
  stillOurs: () => Promise<boolean>,
): Promise<void> {
  const { spec } = record;
  try {
    await readParts(context, record, stillOurs);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isHopeless(error)) throw error;
    const total = (await context.ledger.read(spec.id))?.counts.total ?? 0;
    context.log.warn({ batch: spec.id }, `the source cannot be read: ${messageOf(error)}`);
    // What was accepted before the source failed is still done; with nothing accepted, the batch itself has failed.
    if (total === 0) await context.ledger.endBatch(spec.id, "failed", messageOf(error));
    else await context.ledger.finishIngest(spec.id, `the source ended early: ${messageOf(error)}`);
  }
}

/** Reading it again would end the same way. */
function isHopeless(error: unknown): boolean {
  return isDarkroomError(error) && !error.retryable;
}

async function readParts(
  context: ProducerContext,
  record: BatchRecord,
  stillOurs: () => Promise<boolean>,
): Promise<void> {
  const { spec } = record;
  const destination = context.openStore(spec.destination.url);
  // Only the last part of a source is short: an ingest that died after it had been read to the end.
  if (record.counts.total % SNAPSHOT_PART_ROWS !== 0) return await context.ledger.finishIngest(spec.id);
  const delivered = await deliveredBefore(context, spec);
  let part = record.parts;
  let total = record.counts.total;
  const startAfterKey =
    part === 0 || spec.source.kind !== "prefix" ? undefined : await lastSource(destination, spec.id, part - 1);
  let pending: SnapshotRow[] = [];
  const flush = async (rows: readonly SnapshotRow[]): Promise<boolean> => {
    if (!(await stillOurs())) return false;
    await writeSnapshotPart(destination, spec.id, part, rows);
    const rejected = rows.filter(isRejected).map((row) => rejectedLine(row, Date.now()));
    if (!(await context.ledger.addPart(spec.id, part, rows.length, rejected))) return false;
    context.metrics.ingestRows.inc(rows.length);
    part += 1;
    total += rows.length;
    if (part === 1) await context.bus.tell({ type: "lane-nudge", lane: spec.lane });
    return true;
  };
  const rowBatches = readSource({
    source: spec.source,
    destination: spec.destination,
    output: spec.recipe.output,
    openStore: context.openStore,
    foldCase: destination.kind === "local",
    leaveOut: ownResults(spec.source, spec.destination.url),
    signal: context.signal,
    ...(part === 0
      ? {}
      : {
          from: {
            index: total,
            ...(startAfterKey === undefined ? {} : { startAfterKey, done: readSnapshot(destination, spec.id, total) }),
          },
        }),
  });
  try {
    for await (const rows of rowBatches) {
      context.signal.throwIfAborted();
      for (const row of rows) {
        if (isUnchanged(spec, row, delivered)) continue;
        pending.push({ ...row, index: total + pending.length });
        if (pending.length < SNAPSHOT_PART_ROWS) continue;
        if (!(await flush(pending))) return;
        pending = [];
      }
    }
  } catch (error) {
    if (isHopeless(error) && pending.length > 0) await flush(pending);
    throw error;
  }
  if (pending.length > 0 && !(await flush(pending))) return;
  await context.ledger.finishIngest(spec.id);
  await context.bus.tell({ type: "lane-nudge", lane: spec.lane });
}

async function lastSource(store: ObjectStore, batchId: string, part: number): Promise<string | undefined> {
  const rows = await readSnapshotPart(store, batchId, part);
  return rows.at(-1)?.source;
}

/** What this batch's schedule has delivered in earlier runs, as a compact set of fingerprints. */
async function deliveredBefore(context: ProducerContext, spec: BatchSpec): Promise<KeySet | undefined> {
  if (spec.schedule === undefined) return undefined;
  const known = new KeySet();
  for await (const { key } of context.openStore(spec.schedule.deliveredUrl).list({ signal: context.signal })) {
    known.add(key.slice(key.lastIndexOf("/") + 1));
  }
  return known;
}

/** True for a photo that an earlier run of the schedule delivered and that has not changed since. */
function isUnchanged(spec: BatchSpec, row: SnapshotRow, delivered: KeySet | undefined): boolean {
  if (delivered === undefined || isRejected(row) || row.etag === undefined || row.sizeBytes === undefined) return false;
  const identity = { etag: row.etag, sizeBytes: row.sizeBytes };
  return delivered.has(fingerprint(identity, recipeFor(spec.recipe, row), row.profileIds));
}

function rejectedLine(row: Extract<SnapshotRow, { rejected: unknown }>, at: number): OutcomeLine {
  const { line, field, message } = row.rejected;
  const where = [line === undefined ? "" : `line ${line}`, field === undefined ? "" : `column ${field}`].filter(
    (part) => part !== "",
  );
  return {
    index: row.index,
    at,
    code: "invalid_row",
    billed: "no",
    message: where.length === 0 ? message : `${where.join(", ")}: ${message}`,
    attempts: 0,
    providerMs: 0,
    costUsd: 0,
  };
}
