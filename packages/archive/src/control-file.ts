import { text } from "node:stream/consumers";
import {
  BATCH_FORMAT,
  batchKeys,
  DarkroomError,
  isDarkroomError,
  type ObjectStore,
  type OutcomeCode,
  type Pauser,
  type Round,
} from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";

/**
 * `control/<revision>.json`: users' changes to a batch after it was accepted, so that a recovered batch spends nothing
 * that was not approved and continues nothing that was cancelled (P5). Written within a tick of each change. Each
 * revision has its own file, so that a late write of a stalled producer cannot replace a newer one. Older files are
 * deleted.
 */
export interface ControlFile {
  /** See `BATCH_FORMAT`. */
  readonly format: number;
  readonly revision: number;
  readonly unconfirmed: boolean;
  readonly pilot?: number;
  readonly pilotPicks?: readonly number[];
  readonly paused?: { readonly by: Pauser; readonly reason: string };
  readonly stopped?: { readonly code: OutcomeCode; readonly endsRunning: boolean; readonly reason: string };
  readonly maxCostUsd?: number;
  /** When the batch failed over to its fallback (epoch ms). Written before the first portrait is dispatched there. */
  readonly diverted?: { readonly lane: string; readonly at: number };
  /** Why the source could not be read to its end. */
  readonly sourceFault?: string;
  readonly sourceNote?: string;
  readonly rounds: readonly (Round & { readonly opened: number })[];
  /** Defaults to 0; see {@link BatchRecord}. */
  readonly baseRound?: number;
}

function controlFileOf(record: BatchRecord): ControlFile {
  const { revision, unconfirmed, pilot, pilotPicks, maxCostUsd, pausedBy, stopCode, endsRunning } = record;
  const reason = record.reason ?? "";
  return {
    format: BATCH_FORMAT,
    revision,
    unconfirmed,
    ...(pilot === undefined ? {} : { pilot }),
    ...(pilotPicks === undefined ? {} : { pilotPicks }),
    ...(pausedBy === undefined ? {} : { paused: { by: pausedBy, reason } }),
    ...(record.cancelled ? { stopped: { code: stopCode, endsRunning, reason } } : {}),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...(record.divertedAt === undefined ? {} : { diverted: { lane: record.lane, at: record.divertedAt } }),
    ...(record.sourceFault === undefined ? {} : { sourceFault: record.sourceFault }),
    ...(record.sourceNote === undefined ? {} : { sourceNote: record.sourceNote }),
    rounds: record.rounds,
    ...(record.baseRound === 0 ? {} : { baseRound: record.baseRound }),
  };
}

/** Number of read attempts, because a newer file may replace a listed one before it is read. */
const LOOKS = 5;

/**
 * Reads the newest control file.
 *
 * @returns undefined if there were no changes to the batch
 * @throws DarkroomError `internal` when the file is damaged; storage errors unchanged
 */
export async function readControlFile(store: ObjectStore, batchId: string): Promise<ControlFile | undefined> {
  for (let look = 0; look < LOOKS; look += 1) {
    const key = (await controlFiles(store, batchId)).at(-1);
    if (key === undefined) return undefined;
    const found = await readText(store, key);
    if (found === undefined) continue;
    const name = key.slice(batchKeys(batchId).base.length);
    const file = parseBatchFile(batchId, name, found) as Partial<ControlFile>;
    if (typeof file.revision !== "number" || !Array.isArray(file.rounds)) throw damagedFile(batchId, name);
    return file as ControlFile;
  }
  const message = `the control file of ${batchId} could not be read, because it was replaced during each attempt`;
  throw new DarkroomError("storage_unavailable", message, { retryable: true });
}

/** Writes the control file of the record's revision. */
export async function writeControlFile(store: ObjectStore, record: BatchRecord, draft = false): Promise<void> {
  const text = `${JSON.stringify(controlFileOf(record), undefined, 2)}\n`;
  const key = batchKeys(record.spec.id).control(record.revision, draft);
  await store.put(key, Buffer.from(text), { contentType: "application/json" });
}

/** Deletes control files that a newer one replaces. */
export async function removeOlderControlFiles(store: ObjectStore, batchId: string): Promise<void> {
  for (const key of (await controlFiles(store, batchId)).slice(0, -1)) await store.delete(key);
}

/** Returns the keys of the control files, newest last, because names sort by revision. */
async function controlFiles(store: ObjectStore, batchId: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix: batchKeys(batchId).controlPrefix })) keys.push(key);
  return keys.toSorted();
}

/** @throws DarkroomError `internal` when the text is not a JSON object, `conflict` when a newer version wrote it */
export function parseBatchFile(batchId: string, name: string, found: string): object {
  let file: unknown;
  try {
    file = JSON.parse(found);
  } catch (cause) {
    throw damagedFile(batchId, name, cause);
  }
  if (typeof file !== "object" || file === null) throw damagedFile(batchId, name);
  if (!("format" in file) || typeof file.format !== "number") throw damagedFile(batchId, name);
  if (file.format > BATCH_FORMAT) throw newerFile(batchId, name, file.format);
  return file;
}

function newerFile(batchId: string, name: string, format: number): DarkroomError {
  const message = `the ${name} of ${batchId} has format ${format} from a newer version of Darkroom, and this version reads up to ${BATCH_FORMAT}; update Darkroom to process it`;
  return new DarkroomError("conflict", message);
}

export function damagedFile(batchId: string, name: string, cause?: unknown): DarkroomError {
  const message = `the ${name} of ${batchId} is damaged; restore it from the bucket's versions`;
  return new DarkroomError("internal", message, { cause });
}

/** Reads an object's text; undefined when it is missing. */
export async function readText(store: ObjectStore, key: string): Promise<string | undefined> {
  try {
    return await text((await store.get(key)).body);
  } catch (error) {
    if (isDarkroomError(error, "storage_not_found")) return undefined;
    throw error;
  }
}
