import { OUTCOMES, type OutcomeLine } from "./outcome.ts";
import { isRejected, type SnapshotRow } from "../batch/portrait.ts";
import { shownSource } from "./shown-source.ts";

/** The report's own columns, what a person looks for first; the manifest's carried columns follow. */
export const REPORT_COLUMNS = [
  "id",
  "source",
  "state",
  "message",
  "outcome",
  "destination",
  "warnings",
  "undelivered",
  "review",
  "question",
  "retryable",
  "billed",
  "costUsd",
  "lostUsd",
  "maybeUsd",
  "index",
  "attempts",
  "round",
  "providerMs",
  "distance",
  "variations",
  "deliveries",
  "knownSubjects",
  "lane",
] as const;

const CARRIED_MARK = " (manifest)";
const OWN_NAMES: ReadonlySet<string> = new Set(REPORT_COLUMNS.map((column) => column.toLowerCase()));

/**
 * What the report calls the columns that the manifest carries: by their own names, marked where that is one of ours in
 * whatever case, as often as it takes. Spreadsheets and databases take `State` and `state` for one column; and a report
 * that is submitted as a manifest has `state (manifest)` already.
 */
export function carriedColumns(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(names);
  return new Map(
    names.map((name) => {
      if (!OWN_NAMES.has(name.trim().toLowerCase())) return [name, name];
      let shown = `${name}${CARRIED_MARK}`;
      while (taken.has(shown)) shown += CARRIED_MARK;
      taken.add(shown);
      return [name, shown];
    }),
  );
}

type ReportColumn = (typeof REPORT_COLUMNS)[number];

/** Lists and tables stay what they are in JSON lines; a CSV cell says them in words, see {@link cellText}. */
export type ReportValue = string | number | boolean | null | readonly string[] | Readonly<Record<string, number>>;

export type ReportRow = Readonly<Record<ReportColumn, ReportValue>> & {
  readonly carried: Readonly<Record<string, string>>;
};

/**
 * Joins a snapshot row with the latest outcome of its portrait.
 *
 * @param review why it stands out from the batch's other portraits; see `reviewReasons`
 */
export function reportRow(
  row: SnapshotRow,
  outcome: Omit<OutcomeLine, "index" | "at">,
  review: readonly string[] = [],
): ReportRow {
  const rule = OUTCOMES[outcome.code];
  return {
    id: row.id ?? "",
    source: shownSource(row.source ?? ""),
    state: rule.state,
    message: outcome.message,
    outcome: outcome.code,
    destination: outcome.destination ?? (isRejected(row) ? "" : row.destination),
    warnings: outcome.warnings ?? [],
    undelivered: outcome.undelivered ?? [],
    review,
    question: outcome.question?.text ?? "",
    retryable: rule.retryable,
    billed: outcome.billed,
    costUsd: outcome.costUsd,
    lostUsd: outcome.lostUsd === undefined ? 0 : outcome.lostUsd,
    maybeUsd: outcome.maybeUsd === undefined ? 0 : outcome.maybeUsd,
    index: row.index,
    attempts: outcome.attempts,
    round: outcome.round ?? 0,
    providerMs: outcome.providerMs,
    distance: outcome.distance ?? null,
    variations: outcome.variations ?? [],
    deliveries: outcome.deliveries ?? [],
    knownSubjects: outcome.knownSubjects ?? {},
    // Empty for the batch's own.
    lane: outcome.lane ?? "",
    carried: row.carried ?? {},
  };
}

/** A value as one CSV cell: `a; b` for a list, `anna: 2; ben: 1` for a table. */
export function cellText(value: ReportValue): string | number | boolean | null {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.join("; ");
  return Object.entries(value)
    .map(([name, count]) => `${name}: ${count}`)
    .join("; ");
}

/** Where a batch keeps what it leaves behind, under its destination. */
export const DARKROOM_FOLDER = "_darkroom";

/** At the end of a report part's name: one of its portraits ended with a question. */
const ASKS = "-asks";

/** The keys of a batch's own files, relative to the destination. */
export function batchKeys(batchId: string) {
  const base = `${DARKROOM_FOLDER}/${batchId}`;
  return {
    base: `${base}/`,
    spec: `${base}/batch.json`,
    /** What people did to the batch since it was accepted; a file for each revision, of which the highest counts. */
    controlPrefix: `${base}/control/`,
    /** @param draft true for what is about to be done, so that a batch that is rebuilt knows it; it counts before the next revision */
    control: (revision: number, draft = false) =>
      `${base}/control/${String(revision).padStart(10, "0")}${draft ? "_next" : ""}.json`,
    /** A mark for each time that the batch was rebuilt from the object store. */
    recoveriesPrefix: `${base}/recoveries/`,
    recovery: (atMs: number) => `${base}/recoveries/${atMs}.json`,
    /** The last sign of the producer that looks after the batch; see `runsElsewhere`. It goes at the end. */
    running: `${base}/running.json`,
    manifest: (format: "csv" | "jsonl") => `${base}/manifest.${format}`,
    snapshotPrefix: `${base}/snapshot/`,
    /** What the names of a part's files begin with; each ingest that came to it has left one. */
    snapshotPartPrefix: (part: number) => `${base}/snapshot/part-${String(part).padStart(6, "0")}-`,
    /** @param fence of the ingest that writes it; the file with the highest one counts */
    snapshotPart: (part: number, fence: number) =>
      `${base}/snapshot/part-${String(part).padStart(6, "0")}-${String(fence).padStart(14, "0")}.jsonl.gz`,
    /** Pictures that were converted for the provider; each goes when its portrait ends, all at the batch's end. */
    inputsPrefix: `${base}/inputs/`,
    /** @param version tells one photo, recipe and provider from another */
    input: (index: number, version: string, extension: "jpg" | "png") =>
      `${base}/inputs/${index}-${version}.${extension}`,
    /**
     * A paid picture that could not be put in its place. It goes once it was.
     *
     * @param digest of its content
     */
    kept: (index: number, digest: string, extension: string) => `${base}/kept/${index}-${digest}.${extension}`,
    keptPrefix: `${base}/kept/`,
    reportPrefix: `${base}/report/`,
    /** @param asks one of its portraits ended with a question */
    reportPart: (sequence: number, lastEntryId: string, asks = false) =>
      `${base}/report/part-${String(sequence).padStart(6, "0")}-${lastEntryId}${asks ? ASKS : ""}.jsonl.gz`,
    reportCsv: `${base}/report.csv`,
    reportJsonl: `${base}/report.jsonl`,
    failuresCsv: `${base}/failures.csv`,
    /** What the source's listing took for no photo; only where there is such. */
    leftOutCsv: `${base}/left-out.csv`,
    consistency: `${base}/consistency.json`,
  } as const;
}

/** Whether a report part's name says that a question is among its lines: who looks for questions opens no other. */
export function partAsks(key: string): boolean {
  return key.endsWith(`${ASKS}.jsonl.gz`);
}
