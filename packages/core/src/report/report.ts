import { OUTCOMES, type OutcomeLine } from "./outcome.ts";
import { leftBehindWarning, type LeftBehind } from "../delivery/left-behind.ts";
import { isRejected, type SnapshotRow } from "../batch/portrait.ts";
import { isTwinLane } from "../twin-lanes.ts";
import { shownSource } from "./shown-source.ts";

/** The report's own columns, most relevant first. The manifest's carried columns follow. */
export const REPORT_COLUMNS = [
  "id",
  "source",
  "state",
  "message",
  "outcome",
  "destination",
  "warnings",
  "undelivered",
  "leftBehind",
  "review",
  "question",
  "retryable",
  "billed",
  "simulated",
  "costUsd",
  "lostUsd",
  "maybeUsd",
  "index",
  "attempts",
  "round",
  "providerMs",
  "distance",
  "likeness",
  "findings",
  "c2pa",
  "marked",
  "variations",
  "deliveries",
  "knownSubjects",
  "lane",
] as const;

/** The columns that the API adds to the report of a batch with decisions about its results. */
export const REVIEW_COLUMNS = ["decision", "decidedBy", "decisionNote"] as const;

const CARRIED_MARK = " (manifest)";
const OWN_NAMES: ReadonlySet<string> = new Set(
  [...REPORT_COLUMNS, ...REVIEW_COLUMNS].map((column) => column.toLowerCase()),
);

/**
 * Returns the report's names for the manifest's carried columns. Adds a suffix to a name that equals a report column,
 * ignoring case, because spreadsheets and databases treat `State` and `state` as one column. Repeats the suffix if
 * necessary, because a report that is submitted as a manifest already has `state (manifest)`.
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

/** Lists and tables remain JSON in JSON lines. A CSV cell shows them as text, see {@link cellText}. */
export type ReportValue = string | number | boolean | null | readonly string[] | Readonly<Record<string, number>>;

export type ReportRow = Readonly<Record<ReportColumn, ReportValue>> & {
  readonly carried: Readonly<Record<string, string>>;
};

/** The report's additions to a portrait's outcome. */
export interface ReportFindings {
  /** Why the portrait stands out from the rest of the batch; see `reviewReasons`. */
  readonly review?: readonly string[];
  /** The file at its key, if the portrait ended without its picture. */
  readonly leftBehind?: LeftBehind | undefined;
}

/**
 * Joins a snapshot row with the latest outcome of its portrait.
 *
 * @param batchLane the batch's own lane, which applies unless the outcome names another lane
 */
export function reportRow(
  row: SnapshotRow,
  outcome: Omit<OutcomeLine, "index" | "at">,
  batchLane: string,
  { review = [], leftBehind }: ReportFindings = {},
): ReportRow {
  const rule = OUTCOMES[outcome.code];
  const lane = outcome.lane ?? batchLane;
  return {
    id: row.id ?? "",
    source: shownSource(row.source ?? ""),
    state: rule.state,
    message: outcome.message,
    outcome: outcome.code,
    destination: outcome.destination ?? (isRejected(row) ? "" : row.destination),
    warnings: [...(outcome.warnings ?? []), ...(leftBehind === undefined ? [] : [leftBehindWarning(leftBehind)])],
    undelivered: outcome.undelivered ?? [],
    leftBehind: leftBehind ?? "",
    review,
    question: outcome.question?.text ?? "",
    retryable: rule.retryable,
    billed: outcome.billed,
    simulated: isTwinLane(lane),
    costUsd: outcome.costUsd,
    lostUsd: outcome.lostUsd === undefined ? 0 : outcome.lostUsd,
    maybeUsd: outcome.maybeUsd === undefined ? 0 : outcome.maybeUsd,
    index: row.index,
    attempts: outcome.attempts,
    round: outcome.round ?? 0,
    providerMs: outcome.providerMs,
    distance: outcome.distance ?? null,
    likeness: outcome.face?.likeness ?? null,
    findings: outcome.face?.findings ?? [],
    c2pa: outcome.c2pa ?? "",
    // A stored picture always says that it was made with AI.
    marked: outcome.c2pa === undefined ? "" : outcome.c2pa === "kept" ? "c2pa" : "xmp",
    variations: outcome.variations ?? [],
    deliveries: outcome.deliveries ?? [],
    knownSubjects: outcome.knownSubjects ?? {},
    lane,
    carried: row.carried ?? {},
  };
}

/** Formats a value as one CSV cell: `a; b` for a list, `anna: 2; ben: 1` for a table. */
export function cellText(value: ReportValue): string | number | boolean | null {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.join("; ");
  return Object.entries(value)
    .map(([name, count]) => `${name}: ${count}`)
    .join("; ");
}

/** Folder of a batch's own files, under its destination. */
export const DARKROOM_FOLDER = "_darkroom";

/** Suffix of a report part's name if one of its portraits ended with a question. */
const ASKS = "-asks";

/** Returns the keys of a batch's own files, relative to the destination. */
export function batchKeys(batchId: string) {
  const base = `${DARKROOM_FOLDER}/${batchId}`;
  return {
    base: `${base}/`,
    spec: `${base}/batch.json`,
    /** Users' decisions since the batch was accepted: one file per revision. The highest counts. */
    controlPrefix: `${base}/control/`,
    /**
     * @param draft true for a decision that is about to take effect, so that a rebuilt batch contains the decision;
     *   ranks before the next revision
     */
    control: (revision: number, draft = false) =>
      `${base}/control/${String(revision).padStart(10, "0")}${draft ? "_next" : ""}.json`,
    /** The review log: one file per line. */
    reviewsPrefix: `${base}/reviews/`,
    /**
     * @param atMs distinguishes two lines with the same number, which Redis may assign again after it lost its last
     * writes
     */
    reviewLine: (number: number, atMs: number) => `${base}/reviews/${String(number).padStart(10, "0")}-${atMs}.json`,
    /** Prefix of the files of one line. */
    reviewLinePrefix: (number: number) => `${base}/reviews/${String(number).padStart(10, "0")}-`,
    /** Records of where approved results were copied: one file for each place and template. */
    finalPlacesPrefix: `${base}/final-places/`,
    /** @param digest of the place and the template */
    finalPlace: (digest: string) => `${base}/final-places/${digest}.json`,
    /** A marker for each time that the batch was rebuilt from the object store. */
    recoveriesPrefix: `${base}/recoveries/`,
    recovery: (atMs: number) => `${base}/recoveries/${atMs}.json`,
    /** The last running marker of the batch's producer; see `runsElsewhere`. Deleted at the end. */
    running: `${base}/running.json`,
    manifest: (format: "csv" | "jsonl") => `${base}/manifest.${format}`,
    snapshotPrefix: `${base}/snapshot/`,
    /** Common prefix of a part's files. Each ingest that reached the part left one. */
    snapshotPartPrefix: (part: number) => `${base}/snapshot/part-${String(part).padStart(6, "0")}-`,
    /** @param fence the fence of the writing ingest; the file with the highest fence counts */
    snapshotPart: (part: number, fence: number) =>
      `${base}/snapshot/part-${String(part).padStart(6, "0")}-${String(fence).padStart(14, "0")}.jsonl.gz`,
    /**
     * A small JPEG of a result or of its photo, for pages.
     *
     * @param digest the result's SHA-256, because a portrait's index may change after a loss
     */
    thumbnail: (digest: string, of: "source" | "result") => `${base}/thumbs/${digest}-${of}.jpg`,
    /** Pictures converted for the provider. Each is deleted when its portrait ends, the rest at the batch's end. */
    inputsPrefix: `${base}/inputs/`,
    /** @param version identifies photo, recipe and provider */
    input: (index: number, version: string, extension: "jpg" | "png") =>
      `${base}/inputs/${index}-${version}.${extension}`,
    /**
     * A paid picture that could not be stored at its key. Deleted once it is stored there.
     *
     * @param digest of its content
     */
    kept: (index: number, digest: string, extension: string) => `${base}/kept/${index}-${digest}.${extension}`,
    keptPrefix: `${base}/kept/`,
    reportPrefix: `${base}/report/`,
    /** @param asks true if one of its portraits ended with a question */
    reportPart: (sequence: number, lastEntryId: string, asks = false) =>
      `${base}/report/part-${String(sequence).padStart(6, "0")}-${lastEntryId}${asks ? ASKS : ""}.jsonl.gz`,
    reportCsv: `${base}/report.csv`,
    reportJsonl: `${base}/report.jsonl`,
    failuresCsv: `${base}/failures.csv`,
    /** Files that the source's listing left out. Written only if there are such files. */
    leftOutCsv: `${base}/left-out.csv`,
    consistency: `${base}/consistency.json`,
    /** Portraits whose key has another file than their picture. Written only if there are any. */
    leftBehind: `${base}/left-behind.json`,
  } as const;
}

/** True if the name of a report part says that it contains a question. Queries for questions open only such parts. */
export function partAsks(key: string): boolean {
  return key.endsWith(`${ASKS}.jsonl.gz`);
}
