import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { stringify } from "csv-stringify";
import {
  batchKeys,
  REPORT_COLUMNS,
  reportRow,
  type ObjectStore,
  type OutcomeLine,
  type ReportRow,
  type SnapshotRow,
} from "@darkroom/core";
import { cancelledLine, type BatchRecord } from "@darkroom/ledger";
import { readSnapshot } from "@darkroom/manifest";

/** Portraits whose outcomes are in memory at once; a multiple of a snapshot part. */
const BUCKET_PORTRAITS = 50_000;

/**
 * Merges snapshot and report parts into `report.csv`, `report.jsonl` and `failures.csv`, a line for each portrait in
 * order, the latest outcome of a portrait winning. Memory is flat: outcomes are sorted into buckets on disk first.
 */
export async function writeReport(store: ObjectStore, record: BatchRecord): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "darkroom-report-"));
  try {
    await sortIntoBuckets(store, record, folder);
    await merge(store, record, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function bucketFile(folder: string, bucket: number): string {
  return join(folder, `${bucket}.jsonl`);
}

async function sortIntoBuckets(store: ObjectStore, { spec }: BatchRecord, folder: string): Promise<void> {
  const files = new Map<number, ReturnType<typeof createWriteStream>>();
  for await (const { key } of store.list({ prefix: batchKeys(spec.id).reportPrefix })) {
    const { body } = await store.get(key);
    for await (const line of createInterface({ input: body.pipe(createGunzip()), crlfDelay: Infinity })) {
      if (line === "") continue;
      const bucket = Math.floor((JSON.parse(line) as OutcomeLine).index / BUCKET_PORTRAITS);
      const file = files.get(bucket) ?? createWriteStream(bucketFile(folder, bucket));
      files.set(bucket, file);
      if (!file.write(`${line}\n`)) await new Promise<void>((resolve) => file.once("drain", () => resolve()));
    }
  }
  await Promise.all([...files.values()].map((file) => finished(file.end())));
}

async function readBucket(folder: string, bucket: number): Promise<Map<number, OutcomeLine>> {
  const outcomes = new Map<number, OutcomeLine>();
  const input = createReadStream(bucketFile(folder, bucket));
  const opened = new Promise<boolean>((resolve) => {
    input.once("open", () => resolve(true));
    input.once("error", () => resolve(false));
  });
  if (!(await opened)) return outcomes;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    const outcome = JSON.parse(line) as OutcomeLine;
    const before = outcomes.get(outcome.index);
    if (before === undefined || before.at <= outcome.at) outcomes.set(outcome.index, outcome);
  }
  return outcomes;
}

/** One report file on its way into the store. */
function openFile(store: ObjectStore, key: string, contentType: string) {
  const stream = new PassThrough();
  const stored = store.put(key, stream, { contentType });
  stored.catch((error: Error) => stream.destroy(error));
  return {
    async write(text: string): Promise<void> {
      if (!stream.write(text)) {
        await Promise.race([new Promise((resolve) => stream.once("drain", resolve)), stored]);
      }
    },
    async close(): Promise<void> {
      stream.end();
      await stored;
    },
  };
}

async function merge(store: ObjectStore, record: BatchRecord, folder: string): Promise<void> {
  const { spec, counts } = record;
  const keys = batchKeys(spec.id);
  const carried = await carriedColumns(store, record);
  const columns = [...REPORT_COLUMNS, ...carried];
  const csv = openFile(store, keys.reportCsv, "text/csv; charset=utf-8");
  const failures = openFile(store, keys.failuresCsv, "text/csv; charset=utf-8");
  const jsonl = openFile(store, keys.reportJsonl, "application/jsonl");
  const header = await csvText([columns]);
  await csv.write(header);
  await failures.write(header);
  let bucket = -1;
  let outcomes = new Map<number, OutcomeLine>();
  for await (const rows of readSnapshot(store, spec.id, counts.total)) {
    const of = Math.floor((rows[0]?.index ?? 0) / BUCKET_PORTRAITS);
    if (of !== bucket) {
      bucket = of;
      outcomes = await readBucket(folder, of);
    }
    const lines = rows.map((row) => lineOf(row, outcomes.get(row.index)));
    await csv.write(await csvText(lines.map((line) => cells(line, carried))));
    const failed = lines.filter((line) => line["state"] === "failed" || line["state"] === "cancelled");
    if (failed.length > 0) await failures.write(await csvText(failed.map((line) => cells(line, carried))));
    await jsonl.write(lines.map(({ carried: extra, ...own }) => `${JSON.stringify({ ...extra, ...own })}\n`).join(""));
  }
  await Promise.all([csv.close(), failures.close(), jsonl.close()]);
}

/** A portrait without an outcome line is one of a cancelled batch that was never started. */
function lineOf(row: SnapshotRow, outcome: OutcomeLine | undefined): ReportRow {
  return reportRow(row, outcome ?? cancelledLine(row.index, 0));
}

function cells(row: ReportRow, carried: readonly string[]): unknown[] {
  return [...REPORT_COLUMNS.map((column) => row[column]), ...carried.map((column) => row.carried[column] ?? "")];
}

/** The manifest's own columns, in the order in which they first appear. A prefix has none. */
async function carriedColumns(store: ObjectStore, { spec, counts }: BatchRecord): Promise<readonly string[]> {
  if (spec.source.kind === "prefix") return [];
  const columns = new Set<string>();
  for await (const rows of readSnapshot(store, spec.id, counts.total)) {
    for (const row of rows) for (const column of Object.keys(row.carried ?? {})) columns.add(column);
  }
  return [...columns].filter((column) => !(REPORT_COLUMNS as readonly string[]).includes(column));
}

/** CSV that a spreadsheet reads as text: a cell that would start a formula is quoted with an apostrophe. */
async function csvText(rows: readonly (readonly unknown[])[]): Promise<string> {
  return await new Promise((resolve, reject) => {
    stringify(
      rows as unknown[][],
      { escape_formulas: true, cast: { boolean: (value) => (value ? "true" : "false") } },
      (error, text) => (error ? reject(error) : resolve(text)),
    );
  });
}
