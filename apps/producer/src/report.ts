import { PassThrough } from "node:stream";
import { stringify } from "csv-stringify";
import {
  batchKeys,
  cellText,
  REPORT_COLUMNS,
  reportRow,
  type BatchConsistency,
  type ObjectStore,
  type OutcomeLine,
  type ReportRow,
  type SnapshotRow,
} from "@darkroom/core";
import { cancelledLine, type BatchRecord, type Ledger } from "@darkroom/ledger";
import { readSnapshot, type SnapshotPartLost } from "@darkroom/manifest";
import { bucketOf, OutcomeBuckets } from "@darkroom/archive";
import type { ProducerContext } from "./context.ts";
import { TeamReview } from "./team-review.ts";

/**
 * Merges snapshot and report parts into `report.csv`, `report.jsonl` and `failures.csv`, a line for each portrait in
 * order, the latest outcome of a portrait winning, and `consistency.json`. Memory is flat. A report part that is damaged
 * is left out: the report says of its portraits that their lines are missing.
 *
 * @param lostRows filled with rows whose snapshot part is lost: the report goes without them. Without it that is thrown
 * @returns how much alike the portraits are; null for too few
 */
export async function writeReport(
  store: ObjectStore,
  { ledger, log }: Pick<ProducerContext, "ledger" | "log">,
  record: BatchRecord,
  lostRows?: LostRows,
): Promise<BatchConsistency | null> {
  const { spec, rounds } = record;
  const rows = (): AsyncGenerator<readonly SnapshotRow[]> =>
    readSnapshot(store, spec.id, record.counts.total, lostRows === undefined ? undefined : replaceRows(lostRows));
  const write = async (buckets: OutcomeBuckets): Promise<BatchConsistency | null> => {
    const review = await TeamReview.over(buckets);
    await merge(store, ledger, record, buckets, review, rows);
    const text = `${JSON.stringify(review.file, undefined, 2)}\n`;
    await store.put(batchKeys(spec.id).consistency, Buffer.from(text), { contentType: "application/json" });
    return review.result;
  };
  // The batch must not wait for ever for what nobody may be able to bring back.
  return await OutcomeBuckets.use(store, spec.id, rounds, write, (damaged) =>
    log.error({ batch: spec.id, err: damaged }, `the report goes without some outcomes: ${damaged.message}`),
  );
}

/** Rows that are in no snapshot part any more, by the first index of each part. */
export type LostRows = Map<number, { readonly count: number; readonly message: string }>;

/** What stands in the place of rows that are lost: their portraits, by number. */
function replaceRows(lostRows: LostRows) {
  return ({ message }: SnapshotPartLost, firstIndex: number, count: number): readonly SnapshotRow[] => {
    lostRows.set(firstIndex, { count, message });
    return Array.from({ length: count }, (_, place) => ({ index: firstIndex + place, rejected: { message } }));
  };
}

/** One report file on its way into the store. */
function openFile(store: ObjectStore, key: string, contentType: string) {
  const stream = new PassThrough();
  const stored = store.put(key, stream, { contentType });
  stored.catch((error: Error) => stream.destroy(error));
  // Whoever writes hears of it by `stored`.
  stream.on("error", () => undefined);
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
    /** Ends the write of a file that does not become whole: the store waits for its end otherwise, for ever. */
    async giveUp(cause: unknown): Promise<void> {
      stream.destroy(cause instanceof Error ? cause : new Error("the report was given up"));
      await Promise.allSettled([stored]);
    },
  };
}

async function merge(
  store: ObjectStore,
  ledger: Ledger,
  record: BatchRecord,
  buckets: OutcomeBuckets,
  review: TeamReview,
  readRows: () => AsyncIterable<readonly SnapshotRow[]>,
): Promise<void> {
  const { spec } = record;
  const keys = batchKeys(spec.id);
  const carried = await carriedColumns(record, readRows);
  const columns = [...REPORT_COLUMNS, ...carried];
  const csv = openFile(store, keys.reportCsv, "text/csv; charset=utf-8");
  const failures = openFile(store, keys.failuresCsv, "text/csv; charset=utf-8");
  const jsonl = openFile(store, keys.reportJsonl, "application/jsonl");
  const fill = async (): Promise<void> => {
    const header = await csvText([columns]);
    await csv.write(header);
    await failures.write(header);
    let bucket = -1;
    let outcomes: ReadonlyMap<number, OutcomeLine> = new Map();
    for await (const rows of readRows()) {
      const first = rows[0]?.index ?? 0;
      if (bucketOf(first) !== bucket) {
        bucket = bucketOf(first);
        outcomes = await buckets.read(bucket);
      }
      // One that a later round opened and that was stopped before its turn has an old outcome, which no longer counts.
      const stopped = new Set(
        record.cancelled ? await ledger.indexesIn(spec.id, first, rows.length, ["pending"]) : undefined,
      );
      const lines = rows.map((row) => {
        const outcome = stopped.has(row.index) ? undefined : outcomes.get(row.index);
        return lineOf(row, outcome, record, review.look(row, outcome));
      });
      await csv.write(await csvText(lines.map((line) => cells(line, carried))));
      const failed = lines.filter((line) => line["state"] === "failed" || line["state"] === "cancelled");
      if (failed.length > 0) await failures.write(await csvText(failed.map((line) => cells(line, carried))));
      await jsonl.write(
        lines.map(({ carried: extra, ...own }) => `${JSON.stringify({ ...extra, ...own })}\n`).join(""),
      );
    }
  };
  const files = [csv, failures, jsonl];
  try {
    await fill();
    await Promise.all(files.map((file) => file.close()));
  } catch (error) {
    await Promise.all(files.map((file) => file.giveUp(error)));
    throw error;
  }
}

/**
 * A portrait without an outcome line is one of a stopped batch that was never started. In any other batch its line was
 * lost, and the report says so rather than anything else.
 */
function lineOf(
  row: SnapshotRow,
  outcome: OutcomeLine | undefined,
  { cancelled, stopCode }: BatchRecord,
  review: readonly string[],
): ReportRow {
  if (outcome !== undefined) return reportRow(row, outcome, review);
  const line = cancelledLine(row.index, 0, cancelled ? stopCode : "internal");
  return reportRow(
    row,
    cancelled
      ? line
      : {
          ...line,
          billed: "maybe",
          message: "its outcome line is missing",
          costUsd: null,
          lostUsd: null,
          maybeUsd: null,
        },
  );
}

function cells(row: ReportRow, carried: readonly string[]): unknown[] {
  return [
    ...REPORT_COLUMNS.map((column) => cellText(row[column])),
    // A column may be called "constructor", which every object has by itself.
    ...carried.map((column) => (Object.hasOwn(row.carried, column) ? row.carried[column] : "")),
  ];
}

/** The manifest's own columns, in the order in which they first appear. A prefix has none. */
async function carriedColumns(
  { spec }: BatchRecord,
  readRows: () => AsyncIterable<readonly SnapshotRow[]>,
): Promise<readonly string[]> {
  if (spec.source.kind === "prefix") return [];
  const columns = new Set<string>();
  for await (const rows of readRows()) {
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
