import { PassThrough } from "node:stream";
import {
  type BatchConsistency,
  type ObjectStore,
  type OutcomeLine,
  REPORT_COLUMNS,
  type ReportRow,
  type SnapshotRow,
  batchKeys,
  cancelledLine,
  carriedColumns,
  cellText,
  reportRow,
} from "@darkroom/core";
import { type BatchRecord } from "@darkroom/ledger";
import { readSnapshot, type SnapshotPartLost } from "@darkroom/manifest";
import { bucketOf, OutcomeBuckets } from "@darkroom/archive";
import type { ProducerContext } from "../context.ts";
import { CSV_START, csvText } from "./csv-text.ts";
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
  context: Pick<ProducerContext, "ledger" | "log" | "csvSeparator">,
  record: BatchRecord,
  lostRows?: LostRows,
): Promise<BatchConsistency | null> {
  const { spec, rounds } = record;
  const rows = (): AsyncGenerator<readonly SnapshotRow[]> =>
    readSnapshot(store, spec.id, record.counts.total, lostRows === undefined ? undefined : replaceRows(lostRows));
  const write = async (buckets: OutcomeBuckets): Promise<BatchConsistency | null> => {
    const review = await TeamReview.over(buckets);
    await merge(store, context, record, { buckets, review, readRows: rows });
    const text = `${JSON.stringify(review.file, undefined, 2)}\n`;
    await store.put(batchKeys(spec.id).consistency, Buffer.from(text), { contentType: "application/json" });
    return review.result;
  };
  // The batch must not wait for ever for what nobody may be able to bring back.
  return await OutcomeBuckets.use(store, spec.id, rounds, write, (damaged) =>
    context.log.error({ batch: spec.id, err: damaged }, `the report goes without some outcomes: ${damaged.message}`),
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

interface MergedParts {
  readonly buckets: OutcomeBuckets;
  readonly review: TeamReview;
  readonly readRows: () => AsyncIterable<readonly SnapshotRow[]>;
}

async function merge(
  store: ObjectStore,
  { ledger, csvSeparator }: Pick<ProducerContext, "ledger" | "csvSeparator">,
  record: BatchRecord,
  { buckets, review, readRows }: MergedParts,
): Promise<void> {
  const { spec } = record;
  const keys = batchKeys(spec.id);
  const carried = carriedColumns(await carriedNames(record, readRows));
  const toCsv = async (rows: readonly (readonly unknown[])[]): Promise<string> => await csvText(rows, csvSeparator);
  const columns = [...REPORT_COLUMNS, ...carried.values()];
  const csv = openFile(store, keys.reportCsv, "text/csv; charset=utf-8");
  const failures = openFile(store, keys.failuresCsv, "text/csv; charset=utf-8");
  const jsonl = openFile(store, keys.reportJsonl, "application/jsonl");
  const fill = async (): Promise<void> => {
    const header = CSV_START + (await toCsv([columns]));
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
      await csv.write(await toCsv(lines.map((line) => cells(line, carried))));
      const failed = lines.filter((line) => line["state"] === "failed" || line["state"] === "cancelled");
      if (failed.length > 0) await failures.write(await toCsv(failed.map((line) => cells(line, carried))));
      await jsonl.write(
        lines
          .map(({ carried: extra, ...own }) => `${JSON.stringify({ ...own, ...marked(extra, carried) })}\n`)
          .join(""),
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

/** What the report calls a manifest's columns, by their names there. */
type ShownColumns = ReadonlyMap<string, string>;

function marked(extra: ReportRow["carried"], carried: ShownColumns): Record<string, string> {
  return Object.fromEntries(Object.entries(extra).map(([name, value]) => [carried.get(name) ?? name, value]));
}

function cells(row: ReportRow, carried: ShownColumns): unknown[] {
  return [
    ...REPORT_COLUMNS.map((column) => cellText(row[column])),
    // A column may be called "constructor", which every object has by itself.
    ...[...carried.keys()].map((column) => (Object.hasOwn(row.carried, column) ? row.carried[column] : "")),
  ];
}

/** The manifest's own columns, in the order in which they first appear. A prefix has none. */
async function carriedNames(
  { spec }: BatchRecord,
  readRows: () => AsyncIterable<readonly SnapshotRow[]>,
): Promise<readonly string[]> {
  if (spec.source.kind === "prefix") return [];
  const columns = new Set<string>();
  for await (const rows of readRows()) {
    for (const row of rows) for (const column of Object.keys(row.carried ?? {})) columns.add(column);
  }
  return [...columns];
}
