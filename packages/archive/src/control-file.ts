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
 * `control/<revision>.json`: what people did to a batch since it was accepted, so that a batch that is rebuilt from the object
 * store neither spends what nobody approved nor goes on with what was cancelled (P5). Written within a round of every
 * change. Each revision has a file of its own, so that one that is late, by a producer that was frozen in its put, never
 * takes the place of a newer one; older ones are removed.
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
  /** Its fallback does the work, since then (epoch ms). Written before the first portrait goes there. */
  readonly diverted?: { readonly lane: string; readonly at: number };
  /** Why the source could not be read to its end. */
  readonly sourceFault?: string;
  readonly sourceNote?: string;
  readonly rounds: readonly (Round & { readonly opened: number })[];
  /** Absent: 0. See {@link BatchRecord}. */
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

/** A file may be removed between the listing and its reading, when a newer one is there. */
const LOOKS = 5;

/**
 * Reads the newest control file.
 *
 * @returns undefined if the batch has had no order
 *
 * @throws DarkroomError `internal` when the file is damaged, storage errors as they are
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
  const message = `the control file of ${batchId} could not be read: others took its place again and again`;
  throw new DarkroomError("storage_unavailable", message, { retryable: true });
}

/** Writes the control file of the record's revision. */
export async function writeControlFile(store: ObjectStore, record: BatchRecord, draft = false): Promise<void> {
  const text = `${JSON.stringify(controlFileOf(record), undefined, 2)}\n`;
  const key = batchKeys(record.spec.id).control(record.revision, draft);
  await store.put(key, Buffer.from(text), { contentType: "application/json" });
}

/** Removes the files that a newer one has made needless. */
export async function removeOlderControlFiles(store: ObjectStore, batchId: string): Promise<void> {
  for (const key of (await controlFiles(store, batchId)).slice(0, -1)) await store.delete(key);
}

/** Their keys, the newest last: names sort as their revisions do. */
async function controlFiles(store: ObjectStore, batchId: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix: batchKeys(batchId).controlPrefix })) keys.push(key);
  return keys.toSorted();
}

/** @throws DarkroomError `internal` where the text is no JSON object, `conflict` where a newer version has written it */
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
  const message = `the ${name} of ${batchId} has the format ${format} of a newer version of Darkroom, and this one reads up to ${BATCH_FORMAT}; nothing is done with it here, update Darkroom`;
  return new DarkroomError("conflict", message);
}

export function damagedFile(batchId: string, name: string, cause?: unknown): DarkroomError {
  const message = `the ${name} of ${batchId} is damaged; restore it from the bucket's versions`;
  return new DarkroomError("internal", message, { cause });
}

/** The text of an object; undefined when there is none. */
export async function readText(store: ObjectStore, key: string): Promise<string | undefined> {
  try {
    return await text((await store.get(key)).body);
  } catch (error) {
    if (isDarkroomError(error, "storage_not_found")) return undefined;
    throw error;
  }
}
