import { setTimeout as delay } from "node:timers/promises";
import {
  isDarkroomError,
  isEnded,
  isRejected,
  SNAPSHOT_PART_ROWS,
  type ObjectStore,
  type PortraitState,
  protocolMs,
} from "@darkroom/core";
import type { BatchRecord, Ledger } from "@darkroom/ledger";
import {
  KeySet,
  readSnapshot,
  readSnapshotPart,
  SnapshotCache,
  snapshotFiles,
  type SnapshotFile,
} from "@darkroom/manifest";

/** What ledger, lane and object store can disagree on. */
export const DIFFERENCES = {
  counts: "the ledger's counts are not what its states add up to",
  jobless: "portraits are in flight with no job in the lane",
  stray_claims: "claims are left of portraits that do not run",
  stray_receipts: "receipts are left of portraits that have ended",
  snapshot_missing: "parts of the snapshot are missing or damaged in the object store",
  results_missing: "portraits count as delivered and their result is not under the destination",
} as const;

type DifferenceKind = keyof typeof DIFFERENCES;

export interface Difference {
  readonly kind: DifferenceKind;
  readonly meaning: string;
  readonly count: number;
  /** Indexes of portraits (or numbers of parts), the first few. */
  readonly examples: readonly number[];
  /** How many of them were mended. */
  readonly fixed: number;
  /** What a person can do about the rest; empty when nothing is left to do. */
  readonly advice: string;
}

export interface ReconcileDependencies {
  readonly ledger: Ledger;
  /** The portraits of these that have no job in the batch's lane. */
  readonly missingJobs: (batchId: string, epoch: number, indexes: readonly number[]) => Promise<readonly number[]>;
}

export interface ReconcileOptions {
  /** Mend what can be mended without paying for anything. */
  readonly fix: boolean;
  /** What differs while a batch runs must differ again after this. */
  readonly lookAgainMs?: number;
}

const LOOK_AGAIN_MS = protocolMs(2_000);
const CHUNK = 131_072;
const EXAMPLES = 10;
/** Parts of the snapshot that are read at the same time. */
const PARTS_AT_ONCE = 8;
const SETTLED: readonly PortraitState[] = ["succeeded", "skipped", "failed", "cancelled"];

/**
 * Compares what the ledger says of a batch with its lane and with the object store, and names what differs; with `fix`
 * it mends what costs nothing. A result that is gone is never paid for again here.
 */
export async function reconcile(
  dependencies: ReconcileDependencies,
  store: ObjectStore,
  record: BatchRecord,
  { fix, lookAgainMs = LOOK_AGAIN_MS }: ReconcileOptions,
): Promise<readonly Difference[]> {
  const { ledger } = dependencies;
  const { id } = record.spec;
  const first = await strays(dependencies, record);
  // A portrait that moves while it is looked at differs for a moment; what differs twice is wrong.
  if (first.some(({ indexes }) => indexes.length > 0)) await delay(lookAgainMs);
  const second = first.some(({ indexes }) => indexes.length > 0) ? await strays(dependencies, record) : first;
  const differences: Difference[] = [];
  for (const { kind, indexes } of second) {
    const before = new Set(first.find((look) => look.kind === kind)?.indexes);
    const lasting = indexes.filter((index) => before.has(index));
    const fixed = fix ? await mend(ledger, record, kind, lasting) : 0;
    push(differences, kind, lasting, fixed, fixed === lasting.length ? "" : "run it again with --fix");
  }
  const recount = await ledger.recount(id, fix);
  if (recount.length > 0)
    push(differences, "counts", recount, fix ? recount.length : 0, fix ? "" : "run it again with --fix");
  const parts = await missingParts(store, record);
  push(differences, "snapshot_missing", parts, 0, "restore them from the bucket's versions");
  if (parts.length === 0) {
    const gone = await missingResults(ledger, store, record);
    push(
      differences,
      "results_missing",
      gone,
      0,
      "restore them from the bucket's versions, or submit those portraits again",
    );
  }
  return differences;
}

function push(to: Difference[], kind: DifferenceKind, found: readonly number[], fixed: number, advice: string): void {
  if (found.length === 0) return;
  to.push({
    kind,
    meaning: DIFFERENCES[kind],
    count: found.length,
    examples: found.slice(0, EXAMPLES),
    fixed,
    advice,
  });
}

type Stray = "jobless" | "stray_claims" | "stray_receipts";

async function strays(
  { ledger, missingJobs }: ReconcileDependencies,
  { spec, counts, epoch }: BatchRecord,
): Promise<readonly { readonly kind: Stray; readonly indexes: readonly number[] }[]> {
  const [claims, receipts] = await Promise.all([ledger.claims(spec.id), ledger.receiptIndexes(spec.id)]);
  const jobless: number[] = [];
  const running = new Set<number>();
  const settled = new Set<number>();
  for (let start = 0; start < counts.total; start += CHUNK) {
    const length = Math.min(CHUNK, counts.total - start);
    const waiting = await ledger.indexesIn(spec.id, start, length, ["queued", "retrying"]);
    jobless.push(...(await missingJobs(spec.id, epoch, waiting)));
    for (const index of await ledger.indexesIn(spec.id, start, length, ["running"])) running.add(index);
    if (receipts.some((index) => index >= start && index < start + length)) {
      for (const index of await ledger.indexesIn(spec.id, start, length, SETTLED)) settled.add(index);
    }
  }
  return [
    { kind: "jobless", indexes: jobless },
    { kind: "stray_claims", indexes: [...claims.keys()].filter((index) => !running.has(index)) },
    { kind: "stray_receipts", indexes: receipts.filter((index) => settled.has(index)) },
  ];
}

async function mend(
  ledger: Ledger,
  { spec, stopCode }: BatchRecord,
  kind: Stray,
  indexes: readonly number[],
): Promise<number> {
  const batchId = spec.id;
  if (indexes.length === 0) return 0;
  switch (kind) {
    case "jobless":
      return await ledger.requeueLost(batchId, new Map(indexes.map((index) => [index, ""])), stopCode);
    case "stray_claims":
    case "stray_receipts":
      return await ledger.dropStrays(batchId, indexes);
  }
  return kind satisfies never;
}

async function missingParts(store: ObjectStore, { spec, counts }: BatchRecord): Promise<readonly number[]> {
  const bad = new Set(Array.from({ length: Math.ceil(counts.total / SNAPSHOT_PART_ROWS) }, (_, part) => part));
  const look = async ({ part }: SnapshotFile): Promise<void> => {
    const wanted = Math.min(SNAPSHOT_PART_ROWS, counts.total - part * SNAPSHOT_PART_ROWS);
    if (await isWhole(store, spec.id, part, wanted)) bad.delete(part);
  };
  let looks: Promise<void>[] = [];
  for await (const file of snapshotFiles(store, spec.id)) {
    looks.push(look(file));
    if (looks.length < PARTS_AT_ONCE) continue;
    await Promise.all(looks);
    looks = [];
  }
  await Promise.all(looks);
  return [...bad];
}

/** Whether a part can be read, and holds at least so many rows. */
async function isWhole(store: ObjectStore, batchId: string, part: number, rows: number): Promise<boolean> {
  try {
    return (await readSnapshotPart(store, batchId, part)).length >= rows;
  } catch (error) {
    if (isDarkroomError(error, "internal") || isDarkroomError(error, "storage_not_found")) return false;
    throw error;
  }
}

/** Delivered portraits whose object is not there; found by one listing, not by asking for each. */
async function missingResults(
  ledger: Ledger,
  store: ObjectStore,
  { spec, counts, state, fence }: BatchRecord,
): Promise<readonly number[]> {
  const delivered: number[][] = [];
  let any = false;
  for (let start = 0; start < counts.total; start += SNAPSHOT_PART_ROWS) {
    const length = Math.min(SNAPSHOT_PART_ROWS, counts.total - start);
    // Only what this batch has put there itself: a skipped portrait of a schedule may lie under another day's folder.
    const indexes = [...(await ledger.indexesIn(spec.id, start, length, ["succeeded"]))];
    any ||= indexes.length > 0;
    delivered.push(indexes);
  }
  if (!any) return [];
  const keys = new KeySet();
  for await (const { key } of store.list()) keys.add(key);
  const gone: number[] = [];
  let part = 0;
  for await (const rows of readSnapshot(store, spec.id, counts.total)) {
    const wanted = new Set(delivered[part]);
    part += 1;
    for (const row of rows) {
      if (wanted.has(row.index) && !isRejected(row) && !keys.has(row.destination)) gone.push(row.index);
    }
  }
  // A portrait that was delivered while the listing went by was not seen by it.
  if (gone.length === 0 || isEnded(state)) return gone;
  const cache = new SnapshotCache();
  const lasting: number[] = [];
  for (const index of gone) {
    const row = await cache.row(store, spec.id, index, fence);
    if (!isRejected(row) && !(await isThere(store, row.destination))) lasting.push(index);
  }
  return lasting;
}

/** What a file or folder stands in the way of is not there. */
async function isThere(store: ObjectStore, key: string): Promise<boolean> {
  try {
    return (await store.head(key)) !== undefined;
  } catch (error) {
    if (isDarkroomError(error, "storage_invalid")) return false;
    throw error;
  }
}
