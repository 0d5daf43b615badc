import { PassThrough } from "node:stream";
import {
  type BatchConsistency,
  type BatchLikeness,
  type LeftBehindCounts,
  type LeftBehindFile,
  type ObjectStore,
  type OutcomeLine,
  REPORT_COLUMNS,
  type ReportRow,
  type SnapshotRow,
  batchKeys,
  cancelledLine,
  carriedColumns,
  cellText,
  isDarkroomError,
  reportRow,
} from "@darkroom/core";
import { type BatchRecord } from "@darkroom/ledger";
import { readSnapshot, type SnapshotPartLost } from "@darkroom/manifest";
import { bucketOf, CSV_START, csvText, OutcomeBuckets, type Cell } from "@darkroom/archive";
import type { ProducerContext } from "../context.ts";
import { LeftBehindSearch } from "./left-behind.ts";
import { TeamReview } from "./team-review.ts";

/**
 * Merges snapshot and report parts into `report.csv`, `report.jsonl`, `failures.csv` and `consistency.json`: one line
 * per portrait, in order, with its latest outcome. Memory use is constant. Lines of a damaged report part are reported
 * as missing.
 *
 * @param lostRows collects rows whose snapshot part is lost; if omitted, a lost part throws
 */
export async function writeReport(
  store: ObjectStore,
  context: ReportContext,
  record: BatchRecord,
  lostRows?: LostRows,
): Promise<ReportSummary> {
  const { spec, rounds } = record;
  const rows = (): AsyncGenerator<readonly SnapshotRow[]> =>
    readSnapshot(store, spec.id, record.counts.total, lostRows === undefined ? undefined : replaceRows(lostRows));
  const keys = batchKeys(spec.id);
  const write = async (buckets: OutcomeBuckets): Promise<ReportSummary> => {
    const [review, left] = [await TeamReview.over(buckets), await LeftBehindSearch.over(context, store, record)];
    await merge(store, context, record, { buckets, review, left, readRows: rows });
    await putJson(store, keys.consistency, review.file);
    if (left.file.portraits.length > 0) await putJson(store, keys.leftBehind, left.file);
    // An earlier round of the batch may have written the file.
    else if (rounds.length > 0) await forget(store, keys.leftBehind);
    return { consistency: review.result, likeness: review.likeness, leftBehind: left.counts };
  };
  // A damaged part may never become readable, so the batch does not wait for the part.
  return await OutcomeBuckets.use(store, spec.id, rounds, write, (damaged) =>
    context.log.error(
      { batch: spec.id, err: damaged },
      `the report lacks outcomes of a damaged part: ${damaged.message}`,
    ),
  );
}

type ReportContext = Pick<ProducerContext, "ledger" | "log" | "csvSeparator" | "openStore" | "signal">;

/** The report's part of the batch's status. */
export interface ReportSummary {
  /** The team's consistency; null for too few portraits. */
  readonly consistency: BatchConsistency | null;
  /** The likeness of the results to their sources; null if no face was compared. */
  readonly likeness: BatchLikeness | null;
  readonly leftBehind: LeftBehindCounts;
}

async function putJson(store: ObjectStore, key: string, file: unknown): Promise<void> {
  const text = `${JSON.stringify(file, undefined, 2)}\n`;
  await store.put(key, Buffer.from(text), { contentType: "application/json" });
}

/** Deletes a file, or empties it in a store that forbids deletes. */
async function forget(store: ObjectStore, key: string): Promise<void> {
  try {
    await store.delete(key);
  } catch (error) {
    if (!isDarkroomError(error, "storage_denied")) throw error;
    await putJson(store, key, { portraits: [] } satisfies LeftBehindFile);
  }
}

/** Rows whose snapshot part is lost, by the first index of each part. */
export type LostRows = Map<number, { readonly count: number; readonly message: string }>;

/** Replaces the placeholders of lost rows by the portraits' numbers. */
function replaceRows(lostRows: LostRows) {
  return ({ message }: SnapshotPartLost, firstIndex: number, count: number): readonly SnapshotRow[] => {
    lostRows.set(firstIndex, { count, message });
    return Array.from({ length: count }, (_, place) => ({ index: firstIndex + place, rejected: { message } }));
  };
}

/** Opens a report file as a stream into the store. */
function openFile(store: ObjectStore, key: string, contentType: string) {
  const stream = new PassThrough();
  const stored = store.put(key, stream, { contentType });
  stored.catch((error: Error) => stream.destroy(error));
  // The writer receives the error through `stored`.
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
    /** Aborts an incomplete file. Otherwise the store would wait for its end forever. */
    async giveUp(cause: unknown): Promise<void> {
      stream.destroy(cause instanceof Error ? cause : new Error("the report was abandoned"));
      await Promise.allSettled([stored]);
    },
  };
}

interface MergedParts {
  readonly buckets: OutcomeBuckets;
  readonly review: TeamReview;
  readonly left: LeftBehindSearch;
  readonly readRows: () => AsyncIterable<readonly SnapshotRow[]>;
}

async function merge(
  store: ObjectStore,
  { ledger, csvSeparator }: Pick<ProducerContext, "ledger" | "csvSeparator">,
  record: BatchRecord,
  { buckets, review, left, readRows }: MergedParts,
): Promise<void> {
  const { spec } = record;
  const keys = batchKeys(spec.id);
  const carried = carriedColumns(await carriedNames(record, readRows));
  const toCsv = (rows: readonly (readonly Cell[])[]): string => csvText(rows, csvSeparator);
  const columns = [...REPORT_COLUMNS, ...carried.values()];
  const csv = openFile(store, keys.reportCsv, "text/csv; charset=utf-8");
  const failures = openFile(store, keys.failuresCsv, "text/csv; charset=utf-8");
  const jsonl = openFile(store, keys.reportJsonl, "application/jsonl");
  const fill = async (): Promise<void> => {
    const header = CSV_START + toCsv([columns]);
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
      // A portrait that was reopened and then stopped before its turn has an outdated outcome, which no longer counts.
      const stopped = new Set(
        record.cancelled ? await ledger.indexesIn(spec.id, first, rows.length, ["pending"]) : undefined,
      );
      const portraits = rows.map((row) => {
        const known = stopped.has(row.index) ? undefined : outcomes.get(row.index);
        return { row, outcome: known ?? unknownOutcome(row, record), reasons: review.look(row, known) };
      });
      const found = await left.look(portraits);
      const lines = portraits.map(({ row, outcome, reasons }) =>
        reportRow(row, outcome, spec.lane, { review: reasons, leftBehind: found.get(row.index) }),
      );
      await csv.write(toCsv(lines.map((line) => cells(line, carried))));
      const failed = lines.filter((line) => line["state"] === "failed" || line["state"] === "cancelled");
      if (failed.length > 0) await failures.write(toCsv(failed.map((line) => cells(line, carried))));
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
 * In a stopped batch, a portrait without an outcome line was never started. In any other batch its line was lost, and
 * the report says so.
 */
function unknownOutcome({ index }: SnapshotRow, { cancelled, stopCode }: BatchRecord): OutcomeLine {
  if (cancelled) return cancelledLine(index, 0, stopCode);
  const unknown = { costUsd: null, lostUsd: null, maybeUsd: null };
  return {
    ...cancelledLine(index, 0, "internal"),
    billed: "maybe",
    message: "its outcome line is missing",
    ...unknown,
  };
}

/** Manifest column → its name in the report. */
type ShownColumns = ReadonlyMap<string, string>;

function marked(extra: ReportRow["carried"], carried: ShownColumns): Record<string, string> {
  return Object.fromEntries(Object.entries(extra).map(([name, value]) => [carried.get(name) ?? name, value]));
}

function cells(row: ReportRow, carried: ShownColumns): Cell[] {
  return [
    ...REPORT_COLUMNS.map((column) => cellText(row[column])),
    // A column may be called "constructor", which every object inherits.
    ...[...carried.keys()].map((column) => (Object.hasOwn(row.carried, column) ? row.carried[column] : "")),
  ];
}

/** The manifest's own columns, in order of first appearance. Empty for a prefix source. */
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
