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

/** The kinds of differences between ledger, lane and object store. */
export const DIFFERENCES = {
  counts: "the ledger's counts differ from the sums of its states or decisions, or its money from its receipts",
  jobless: "portraits are in flight without a job in the lane",
  stray_claims: "claims exist for portraits that are not running",
  stray_receipts: "receipts exist for portraits that have ended",
  snapshot_missing: "snapshot parts are missing or damaged in the object store",
  results_missing: "portraits count as delivered, but their result is not at the destination",
} as const;

type DifferenceKind = keyof typeof DIFFERENCES;

export interface Difference {
  readonly kind: DifferenceKind;
  readonly meaning: string;
  readonly count: number;
  /** Indexes of the first few portraits (or numbers of parts). */
  readonly examples: readonly number[];
  /** Number of differences repaired. */
  readonly fixed: number;
  /** Advice to the operator about the remaining differences; empty when none remain. */
  readonly advice: string;
}

export interface ReconcileDependencies {
  readonly ledger: Ledger;
  /** Returns the portraits that have no job in the batch's lane. */
  readonly missingJobs: (batchId: string, epoch: number, indexes: readonly number[]) => Promise<readonly number[]>;
}

export interface ReconcileOptions {
  /** Repairs every difference whose repair is free. */
  readonly fix: boolean;
  /** In a running batch, a difference counts only if it still exists after this delay, in ms. */
  readonly lookAgainMs?: number;
}

const LOOK_AGAIN_MS = protocolMs(2_000);
const CHUNK = 131_072;
const EXAMPLES = 10;
/** Number of snapshot parts read in parallel. */
const PARTS_AT_ONCE = 8;
const SETTLED: readonly PortraitState[] = ["succeeded", "skipped", "failed", "cancelled"];

/**
 * Compares a batch's ledger entry with its lane and the object store. With `fix`, repairs differences whose repair is
 * free. Never pays for a lost result again.
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
  // A portrait that moves during the comparison differs for a moment, so only repeated differences count.
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
  const [claims, receipts] = await Promise.all([ledger.claimTokens(spec.id), ledger.receiptIndexes(spec.id)]);
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
      return await ledger.backlog.requeueLost(batchId, new Map(indexes.map((index) => [index, ""])), stopCode);
    case "stray_claims":
    case "stray_receipts":
      return await ledger.backlog.dropStrays(batchId, indexes);
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

/** True when a part is readable and has at least that many rows. */
async function isWhole(store: ObjectStore, batchId: string, part: number, rows: number): Promise<boolean> {
  try {
    return (await readSnapshotPart(store, batchId, part)).length >= rows;
  } catch (error) {
    if (isDarkroomError(error, "internal") || isDarkroomError(error, "storage_not_found")) return false;
    throw error;
  }
}

/** Finds delivered portraits without an object. Uses one listing instead of a request per portrait. */
async function missingResults(
  ledger: Ledger,
  store: ObjectStore,
  { spec, counts, state, fence }: BatchRecord,
): Promise<readonly number[]> {
  const delivered: number[][] = [];
  let any = false;
  for (let start = 0; start < counts.total; start += SNAPSHOT_PART_ROWS) {
    const length = Math.min(SNAPSHOT_PART_ROWS, counts.total - start);
    // Only objects that this batch wrote, because a portrait skipped by a schedule may be in another day's folder.
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
  // The listing may have passed the key before this portrait was delivered.
  if (gone.length === 0 || isEnded(state)) return gone;
  const cache = new SnapshotCache();
  const lasting: number[] = [];
  for (const index of gone) {
    const row = await cache.row(store, spec.id, index, fence);
    if (!isRejected(row) && !(await isThere(store, row.destination))) lasting.push(index);
  }
  return lasting;
}

/** A key whose path is blocked by a file or folder counts as missing. */
async function isThere(store: ObjectStore, key: string): Promise<boolean> {
  try {
    return (await store.head(key)) !== undefined;
  } catch (error) {
    if (isDarkroomError(error, "storage_invalid")) return false;
    throw error;
  }
}
