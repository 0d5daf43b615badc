import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { buffer } from "node:stream/consumers";
import { batchKeys, DarkroomError, SNAPSHOT_PART_ROWS, type ObjectStore, type SnapshotRow } from "@darkroom/core";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Parts that are fetched ahead of the reader. */
const READ_AHEAD_PARTS = 4;

export interface SnapshotPart {
  readonly part: number;
  readonly rows: readonly SnapshotRow[];
}

/**
 * Cuts a stream of rows into snapshot parts of {@link SNAPSHOT_PART_ROWS}; the last may be shorter. The stream starts
 * at the first row of a part (row 0, unless it goes on with an earlier one) and has no gaps.
 */
export async function* snapshotParts(stream: AsyncIterable<readonly SnapshotRow[]>): AsyncGenerator<SnapshotPart> {
  let rows: SnapshotRow[] = [];
  let next: number | undefined;
  for await (const batch of stream) {
    for (const row of batch) {
      const expected = next ?? row.index - (row.index % SNAPSHOT_PART_ROWS);
      if (row.index !== expected) {
        throw new DarkroomError("internal", `row ${row.index} came where row ${expected} belongs in the snapshot`);
      }
      next = expected + 1;
      rows.push(row);
      if (next % SNAPSHOT_PART_ROWS !== 0) continue;
      yield partOf(rows);
      rows = [];
    }
  }
  if (rows.length > 0) yield partOf(rows);
}

function partOf(rows: readonly SnapshotRow[]): SnapshotPart {
  return { part: Math.floor((rows[0]?.index ?? 0) / SNAPSHOT_PART_ROWS), rows };
}

/** Writes one part, whole; writing it again replaces it. Gzipped JSONL, a row a line. */
export async function writeSnapshotPart(
  store: ObjectStore,
  batchId: string,
  part: number,
  rows: readonly SnapshotRow[],
): Promise<void> {
  const bytes = await compress(`${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
  await store.put(batchKeys(batchId).snapshotPart(part), bytes, {
    contentType: "application/gzip",
    sizeBytes: bytes.length,
  });
}

/** @throws DarkroomError `storage_not_found` when there is no such part, `internal` when it is damaged */
export async function readSnapshotPart(store: ObjectStore, batchId: string, part: number): Promise<SnapshotRow[]> {
  const { body } = await store.get(batchKeys(batchId).snapshotPart(part));
  const bytes = await buffer(body);
  try {
    const text = (await decompress(bytes)).toString("utf8");
    const rows = text.trimEnd() === "" ? [] : text.trimEnd().split("\n").map(parseRow);
    if (rows.every((row, i) => row.index === part * SNAPSHOT_PART_ROWS + i)) return rows;
  } catch (cause) {
    throw damaged(batchId, part, cause);
  }
  throw damaged(batchId, part);
}

function parseRow(line: string): SnapshotRow {
  return JSON.parse(line) as SnapshotRow;
}

function damaged(batchId: string, part: number, cause?: unknown): DarkroomError {
  const message = `snapshot part ${part} of batch ${batchId} is damaged; restore it from the bucket's versions, or submit the batch again`;
  return new DarkroomError("internal", message, { cause });
}

/**
 * All rows of a snapshot, a part at a time, in order.
 *
 * @throws DarkroomError `internal` when a part holds fewer rows than `totalRows` asks for
 */
export async function* readSnapshot(
  store: ObjectStore,
  batchId: string,
  totalRows: number,
): AsyncGenerator<readonly SnapshotRow[]> {
  const parts = Math.ceil(totalRows / SNAPSHOT_PART_ROWS);
  const ahead: Promise<SnapshotRow[]>[] = [];
  let asked = 0;
  for (let part = 0; part < parts; part += 1) {
    for (; asked < parts && asked <= part + READ_AHEAD_PARTS; asked += 1) {
      const loading = readSnapshotPart(store, batchId, asked);
      // A reader that stops early never awaits these.
      loading.catch(() => undefined);
      ahead.push(loading);
    }
    const rows = (await ahead.shift()) ?? [];
    const wanted = Math.min(SNAPSHOT_PART_ROWS, totalRows - part * SNAPSHOT_PART_ROWS);
    if (rows.length < wanted) throw damaged(batchId, part);
    yield rows.length === wanted ? rows : rows.slice(0, wanted);
  }
}
