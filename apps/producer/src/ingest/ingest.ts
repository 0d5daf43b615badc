import {
  deliveredName,
  fingerprint,
  isDarkroomError,
  isRejected,
  isTwinLane,
  LeftOutCount,
  messageOf,
  recipeFor,
  type BatchSpec,
  type SnapshotRow,
} from "@darkroom/core";
import { ownResults } from "@darkroom/intake";
import type { BatchRecord } from "@darkroom/ledger";
import { emptySource, KeySet, missingSource, readSnapshot, readSource, type SourceChanges } from "@darkroom/manifest";
import { adoptParts } from "./adopt-parts.ts";
import type { ProducerContext } from "../context.ts";
import { putLeftOut } from "../report/left-out-file.ts";
import { PartWriter } from "./part-writer.ts";
import { retireBatch } from "../report/batch-end-file.ts";

/**
 * Reads a batch's source to its end and writes validated rows as snapshot parts, first to the object store, then to
 * the ledger. An interrupted ingest resumes after its last part. Dispatch runs in parallel.
 */
export async function ingest(
  context: ProducerContext,
  batchId: string,
  stillOurs: () => Promise<boolean>,
): Promise<void> {
  const { ledger, log, signal } = context;
  const fence = await ledger.beginIngest(batchId);
  // Read after acquiring the fence, because no other ingest can count a part from now on.
  const record = await ledger.read(batchId);
  if (record === undefined || record.ingested || record.cancelled) return;
  const parts = new PartWriter(context, record, fence, stillOurs);
  try {
    await readRows(context, record, parts);
    return;
  } catch (error) {
    signal.throwIfAborted();
    if (!isHopeless(error)) throw error;
    log.warn({ batch: batchId }, `the source cannot be read: ${messageOf(error)}`);
    const fault = messageOf(error);
    // Rows accepted before the source failed are still processed. If there are no such rows, the batch fails.
    if (parts.isEmpty && (await stillOurs())) {
      if (await ledger.failBatch(batchId, fault)) await retireBatch(context, batchId);
    } else if (!parts.isEmpty) await parts.endEarly(`the source ended early: ${fault}`);
  }
}

/** True for an error that recurs on every attempt and in every process. */
function isHopeless(error: unknown): boolean {
  return isDarkroomError(error) && !error.retryable && error.code !== "invalid_settings";
}

async function readRows(context: ProducerContext, record: BatchRecord, parts: PartWriter): Promise<void> {
  const { spec } = record;
  const destination = context.openStore(spec.destination.url);
  const adopted = await adoptParts(destination, record, parts);
  if (adopted === "lost") return;
  let changes: SourceChanges | undefined;
  const index = parts.rows;
  const from = {
    index,
    done: readSnapshot(destination, spec.id, index),
    onChanges: (seen: SourceChanges) => (changes = adopted === "whole" ? seen : { ...seen, added: 0 }),
  };
  const delivered = await deliveredBefore(context, spec);
  const leftOut = new LeftOutCount();
  const notes: string[] = [];
  let unchanged = 0;
  const rowBatches = readSource({
    source: spec.source,
    destination: spec.destination,
    output: spec.recipe.output,
    openStore: context.openStore,
    foldCase: destination.kind === "local",
    leaveOut: ownResults(spec.source, spec),
    leftOut,
    onNote: (said) => notes.push(said),
    signal: context.signal,
    ...(index === 0 ? {} : { from }),
  });
  try {
    for await (const rows of rowBatches) {
      context.signal.throwIfAborted();
      for (const row of rows) {
        if (isUnchanged(spec, row, delivered)) {
          unchanged += 1;
          continue;
        }
        if (!(await parts.add(row))) return;
      }
    }
    const changed = changes === undefined ? undefined : changesNote(changes);
    if (changed !== undefined) notes.unshift(changed);
  } catch (error) {
    context.signal.throwIfAborted();
    // An earlier ingest read the source to its end, so its current error does not matter.
    if (adopted !== "whole" || !isHopeless(error)) throw error;
    notes.push(`The source changed since the batch was read: ${messageOf(error)}`);
  }
  const note = notes.length === 0 ? undefined : notes.join(" ");
  if (note !== undefined) context.log.warn({ batch: spec.id, changes }, note);
  const findings = { leftOut: leftOut.leftOut, unchanged };
  if (parts.isEmpty && spec.source.kind === "prefix") {
    if ((await context.openStore(spec.source.url).isThere?.()) === false) throw missingSource(spec.source);
    // A schedule may find nothing new on some nights. For a batch submitted by a user, an empty source is a mistake.
    if (spec.schedule === undefined) throw emptySource(spec.source, findings.leftOut);
  }
  await putLeftOut(context, spec, findings.leftOut);
  await parts.end({ note, findings });
}

/** Describes for the user how the source changed between two reads; undefined if the source did not change. */
function changesNote({ added, replaced, removed }: SourceChanges): string | undefined {
  const counts = [
    [added, "added"],
    [replaced, "replaced"],
    [removed, "removed"],
  ] as const;
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (told.length === 0) return undefined;
  return `The source changed while the batch was being read; photos: ${told.join(", ")}.`;
}

/** Reads the delivery notes of the schedule's earlier runs into a compact set of names. */
async function deliveredBefore(context: ProducerContext, spec: BatchSpec): Promise<KeySet | undefined> {
  if (spec.schedule === undefined) return undefined;
  const known = new KeySet();
  for await (const { key } of context.openStore(spec.schedule.deliveredUrl).list({ signal: context.signal })) {
    known.add(key.slice(key.lastIndexOf("/") + 1));
  }
  return known;
}

/** True for an unchanged photo that an earlier run of the schedule delivered to the same key. */
function isUnchanged(spec: BatchSpec, row: SnapshotRow, delivered: KeySet | undefined): boolean {
  if (delivered === undefined || isRejected(row) || row.etag === undefined || row.sizeBytes === undefined) return false;
  const identity = { etag: row.etag, sizeBytes: row.sizeBytes };
  const print = fingerprint(identity, recipeFor(spec.recipe, row), row.profileIds);
  const isNoted = (simulated: boolean): boolean => delivered.has(deliveredName(print, row.destination, simulated));
  return isNoted(false) || (isTwinLane(spec.lane) && isNoted(true));
}
