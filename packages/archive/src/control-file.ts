import { text } from "node:stream/consumers";
import {
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
 * `control.json`: what people did to a batch since it was accepted, so that a batch that is rebuilt from the object
 * store neither spends what nobody approved nor goes on with what was cancelled (P5). Written within a round of every
 * change; deleted with the batch's folder only.
 */
export interface ControlFile {
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

export function controlFileOf(record: BatchRecord): ControlFile {
  const { revision, unconfirmed, pilot, pilotPicks, maxCostUsd, pausedBy, stopCode, endsRunning } = record;
  const reason = record.reason ?? "";
  return {
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

/**
 * Undefined when nobody did anything to the batch.
 *
 * @throws DarkroomError `internal` when the file is damaged, storage errors as they are
 */
export async function readControlFile(store: ObjectStore, batchId: string): Promise<ControlFile | undefined> {
  const found = await readText(store, batchKeys(batchId).control);
  if (found === undefined) return undefined;
  const file = parseBatchFile(batchId, "control.json", found) as Partial<ControlFile>;
  if (typeof file.revision !== "number" || !Array.isArray(file.rounds)) throw damagedFile(batchId, "control.json");
  return file as ControlFile;
}

/** @throws DarkroomError `internal` where the text is no JSON object */
export function parseBatchFile(batchId: string, name: string, found: string): object {
  let file: unknown;
  try {
    file = JSON.parse(found);
  } catch (cause) {
    throw damagedFile(batchId, name, cause);
  }
  if (typeof file !== "object" || file === null) throw damagedFile(batchId, name);
  return file;
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
