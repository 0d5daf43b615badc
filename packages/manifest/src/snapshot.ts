import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { buffer } from "node:stream/consumers";
import { batchKeys, DarkroomError, SNAPSHOT_PART_ROWS, type ObjectStore, type SnapshotRow } from "@darkroom/core";
import { RowLines } from "./row-lines.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Number of parts that are prefetched. */
const READ_AHEAD_PARTS = 4;

/**
 * Writes one complete part: gzipped JSONL, one row per line.
 *
 * @param fence the fence of the writing ingest; a file with a higher fence wins, in any order of writing. Defaults to
 *   0, the lowest
 */
export async function writeSnapshotPart(
  store: ObjectStore,
  batchId: string,
  part: number,
  rows: readonly SnapshotRow[] | RowLines,
  fence = 0,
): Promise<void> {
  const lines = rows instanceof RowLines ? rows : RowLines.of(rows);
  const bytes = await compress(lines.bytes());
  await store.put(batchKeys(batchId).snapshotPart(part, fence), bytes, {
    contentType: "application/gzip",
    sizeBytes: bytes.length,
  });
}

/** A file of a snapshot. */
export interface SnapshotFile {
  readonly part: number;
  /** Fence of the ingest that wrote the file. */
  readonly fence: number;
  readonly key: string;
}

const FILE = /part-(\d+)-(\d+)\.jsonl\.gz$/;

/**
 * Selects the files of a snapshot, in part order: for each part, the file with the highest fence. The others were left
 * by an ingest that was superseded before it counted them.
 *
 * @param part only files of this part
 */
export async function* snapshotFiles(store: ObjectStore, batchId: string, part?: number): AsyncGenerator<SnapshotFile> {
  const keys = batchKeys(batchId);
  const prefix = part === undefined ? keys.snapshotPrefix : keys.snapshotPartPrefix(part);
  let last: SnapshotFile | undefined;
  for await (const { key } of store.list({ prefix })) {
    const found = FILE.exec(key);
    if (found === null) continue;
    const file = { part: Number(found[1]), fence: Number(found[2]), key };
    if (last !== undefined && last.part !== file.part) yield last;
    last = file;
  }
  if (last !== undefined) yield last;
}

/** The rows of a part, and the length of its text. */
export interface LoadedPart {
  readonly rows: SnapshotRow[];
  readonly textBytes: number;
}

/** @throws DarkroomError `storage_not_found` when the part does not exist, `internal` when it is damaged */
export async function loadSnapshotPart(store: ObjectStore, batchId: string, part: number): Promise<LoadedPart> {
  for await (const file of snapshotFiles(store, batchId, part)) return await loadFile(store, batchId, file);
  throw missing(store, batchId, part);
}

/** Returns the rows of {@link loadSnapshotPart}. */
export async function readSnapshotPart(store: ObjectStore, batchId: string, part: number): Promise<SnapshotRow[]> {
  return (await loadSnapshotPart(store, batchId, part)).rows;
}

async function loadFile(store: ObjectStore, batchId: string, { part, key }: SnapshotFile): Promise<LoadedPart> {
  const { body } = await store.get(key);
  const bytes = await buffer(body);
  try {
    const plain = await decompress(bytes);
    const text = plain.toString("utf8").trimEnd();
    const rows = text === "" ? [] : text.split("\n").map(parseRow);
    if (rows.every((row, i) => row.index === part * SNAPSHOT_PART_ROWS + i)) return { rows, textBytes: plain.length };
  } catch (cause) {
    throw damaged(batchId, part, cause);
  }
  throw damaged(batchId, part);
}

function parseRow(line: string): SnapshotRow {
  return JSON.parse(line) as SnapshotRow;
}

/** Thrown when a snapshot part is missing or unreadable, and a retry would fail in the same way. */
export class SnapshotPartLost extends DarkroomError {}

function missing(store: ObjectStore, batchId: string, part: number): SnapshotPartLost {
  const message = `snapshot part ${part} of batch ${batchId} is not in ${store.url}; restore it from the bucket's versions, or submit the batch again`;
  return new SnapshotPartLost("storage_not_found", message);
}

function damaged(batchId: string, part: number, cause?: unknown): SnapshotPartLost {
  const message = `snapshot part ${part} of batch ${batchId} is damaged; restore it from the bucket's versions, or submit the batch again`;
  return new SnapshotPartLost("internal", message, { cause });
}

/**
 * Reads all rows of a snapshot, part by part.
 *
 * @param replace supplies the rows of a lost part; if omitted, a lost part throws
 * @throws SnapshotPartLost when a part is missing, damaged, or has fewer rows than `totalRows` requires
 */
export async function* readSnapshot(
  store: ObjectStore,
  batchId: string,
  totalRows: number,
  replace?: (lost: SnapshotPartLost, firstIndex: number, count: number) => readonly SnapshotRow[],
): AsyncGenerator<readonly SnapshotRow[]> {
  const parts = Math.ceil(totalRows / SNAPSHOT_PART_ROWS);
  const ahead: Promise<readonly SnapshotRow[]>[] = [];
  let asked = 0;
  const ask = (load: () => Promise<readonly SnapshotRow[]>): void => {
    const part = asked;
    const wanted = Math.min(SNAPSHOT_PART_ROWS, totalRows - part * SNAPSHOT_PART_ROWS);
    const loading = load()
      .then((rows) => {
        if (rows.length < wanted) throw damaged(batchId, part);
        return rows.length === wanted ? rows : rows.slice(0, wanted);
      })
      .catch((error: unknown) => {
        if (replace === undefined || !(error instanceof SnapshotPartLost)) throw error;
        return replace(error, part * SNAPSHOT_PART_ROWS, wanted);
      });
    // A reader that stops early never awaits these promises.
    loading.catch(() => undefined);
    ahead.push(loading);
    asked += 1;
  };
  const askUpTo = (part: number): void => {
    while (asked < part) {
      const lost = missing(store, batchId, asked);
      ask(() => Promise.reject(lost));
    }
  };
  if (parts === 0) return;
  for await (const file of snapshotFiles(store, batchId)) {
    if (file.part >= parts) break;
    askUpTo(file.part);
    ask(async () => (await loadFile(store, batchId, file)).rows);
    while (ahead.length > READ_AHEAD_PARTS) yield (await ahead.shift()) ?? [];
    if (asked >= parts) break;
  }
  askUpTo(parts);
  while (ahead.length > 0) yield (await ahead.shift()) ?? [];
}
