import { isEnded, type BatchStatus } from "@darkroom/core";
import { recipeText, shownPlace, shownState } from "./batch-line.ts";
import { charactersOf, cutMiddle } from "./fit-width.ts";
import { momentText } from "./machine-time.ts";
import { tableText } from "./table.ts";
import { WAITS_FOR } from "./wait-words.ts";

const ID = "BATCH";
const FAILED = "FAILED";
const WAITS = "WAITS FOR";
const WHAT = "SOURCE OR NAME";
/** Columns that a narrow terminal does without, the first one first. */
const LESS_IMPORTANT = ["RECIPE", "SUBMITTED"];
const GAP = 2;
/** The beginning of an id that a narrow terminal shows: its time in ms. Commands accept it. */
const SHORT_ID = 10;
/** A source or name is cut no shorter than its head. */
const LEAST_WHAT = 14;

/** Shown instead of an active state when the batch was stopped or no running process supports it. */
const UNATTENDED = "no process works on it";

/** True for a batch that no process works on. */
export function isLeft({ unattended, cancelling }: BatchStatus): boolean {
  return unattended !== null && !cancelling;
}

/** Returns the most relevant wait reason: a budget that paused the batch, then a missing process, then a block. */
function waitsFor({ waiting, unattended, blocked, state, pausedBy }: BatchStatus): string {
  const reasons = waiting.map(({ reason }) => reason);
  const missing = reasons.find((reason) => reason === "unattended" || reason === "unmet_needs");
  if (state === "paused" && pausedBy === "budget") return WAITS_FOR.budget;
  if (unattended !== null) return WAITS_FOR[missing ?? "unattended"];
  if (blocked !== null) return WAITS_FOR[blocked.what === "lane" ? "lane_blocked" : "destination_blocked"];
  const reason = reasons.find((each) => each !== "turn");
  return reason === undefined ? "" : WAITS_FOR[reason];
}

/** The cells of a batch, by the heads of their columns. */
export function batchCells(status: BatchStatus): Readonly<Record<string, string>> {
  const { id, state, counts, createdAt, name, source } = status;
  const total = `${counts.total}${status.ingested || isEnded(state) ? "" : "+"}`;
  return {
    [ID]: id,
    STATE: isLeft(status) ? UNATTENDED : shownState(status),
    DELIVERED: `${counts.succeeded + counts.skipped}/${total}`,
    [FAILED]: String(counts.failed),
    [WAITS]: waitsFor(status),
    SUBMITTED: momentText(createdAt),
    RECIPE: recipeText(status),
    [WHAT]: name ?? shownPlace(source),
  };
}

/**
 * Formats batches as a table. In a terminal that is too narrow, shows the beginnings of ids, cuts sources in their
 * middle, and leaves out columns.
 *
 * @param width columns of the terminal; undefined for all columns in full
 */
export function batchTable(batches: readonly BatchStatus[], width: number | undefined): string {
  let rows = batches.map(batchCells);
  let heads = Object.keys(rows[0] ?? {});
  if (width !== undefined) {
    const without = (head: string): void => void (heads = heads.filter((each) => each !== head));
    const others = (): number => totalWidth(rows, heads) - widthOf(rows, WHAT);
    if (rows.every((row) => row[WAITS] === "")) without(WAITS);
    const isTight = (): boolean => others() + Math.min(LEAST_WHAT, widthOf(rows, WHAT)) > width;
    for (const head of LESS_IMPORTANT) if (isTight()) without(head);
    if (isTight()) rows = rows.map((row) => ({ ...row, [ID]: (row[ID] ?? "").slice(0, SHORT_ID) }));
    if (isTight()) without(FAILED);
    const left = Math.max(LEAST_WHAT, width - others());
    rows = rows.map((row) => ({ ...row, [WHAT]: cutMiddle(row[WHAT] ?? "", left) }));
  }
  return tableText(
    heads,
    rows.map((row) => heads.map((head) => row[head] ?? "")),
  );
}

function widthOf(rows: readonly Readonly<Record<string, string>>[], head: string): number {
  return Math.max(head.length, ...rows.map((row) => charactersOf(row[head] ?? "").length));
}

function totalWidth(rows: readonly Readonly<Record<string, string>>[], heads: readonly string[]): number {
  return heads.reduce((sum, head) => sum + widthOf(rows, head), GAP * (heads.length - 1));
}
