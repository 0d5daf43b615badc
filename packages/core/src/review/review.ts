import type { ObjectHead } from "../delivery/object-store.ts";
import { RESULT_METADATA } from "../delivery/result-metadata.ts";

/**
 * A user's order about results: a decision, the withdrawal of the latest one, or another result. `redo` ends all
 * decisions about the present result.
 */
export const REVIEW_ORDERS = ["approve", "reject", "undo", "redo"] as const;

export type ReviewOrder = (typeof REVIEW_ORDERS)[number];

/** The possible decisions about a result, in the order of their codes in the ledger's `reviews`. */
export const REVIEW_STATES = ["undecided", "approved", "rejected"] as const;

export type ReviewState = (typeof REVIEW_STATES)[number];

/** Maximum length of a note, in characters. */
export const MAX_NOTE_CHARS = 1_000;

/**
 * Codes of decided results in the map of states that the API serves, after those of `PORTRAIT_STATES`. In the ledger, a
 * decision is stored apart from the state.
 */
export const REVIEWED_CODES = [
  { code: 8, state: "succeeded", review: "approved" },
  { code: 9, state: "succeeded", review: "rejected" },
  { code: 10, state: "skipped", review: "approved" },
  { code: 11, state: "skipped", review: "rejected" },
] as const;

/** Number of results by decision. */
export type ReviewCounts = Readonly<Record<ReviewState, number>>;

/** The decisions about a batch's results, as shown on a status page. */
export interface ReviewStatus extends ReviewCounts {
  /** Number of the latest line of the review log; 0 if there is none. */
  readonly revision: number;
}

/** A result in a line of the review log. */
export interface ReviewedResult {
  readonly index: number;
  /** Identifies the content of the result; see `resultMark`. */
  readonly mark: string;
  /**
   * The previous line about the same result, and its decision. For an `undo`, the line that it restores. Absent: none.
   */
  readonly before?: number;
  readonly was?: ReviewState;
  /** For an `undo`: the withdrawn line. */
  readonly undoes?: number;
}

/** A line of the review log of a batch. Lines are never changed. */
export interface ReviewLine {
  /** From 1 without gaps. */
  readonly number: number;
  /** Epoch ms. */
  readonly at: number;
  /** Id of the key that made the decision. */
  readonly by: string;
  readonly order: ReviewOrder;
  readonly note?: string;
  readonly results: readonly ReviewedResult[];
}

/** The decision about a portrait's result in the ledger. */
export interface ReviewStanding {
  readonly state: ReviewState;
  /** The latest line that changed it; 0 if there is none. */
  readonly line: number;
}

/** A portrait that an order affects. */
export interface ReviewTarget {
  readonly index: number;
  /** Content of the present result; undefined if the portrait has none. */
  readonly mark: string | undefined;
  readonly standing: ReviewStanding;
  /** The line in effect: the latest one that was not withdrawn; undefined if there is none. */
  readonly effective: ReviewLine | undefined;
}

/** An order about a result. */
export interface WantedReview {
  readonly order: ReviewOrder;
  readonly note?: string | undefined;
  /** The newest line that the user had seen. Undefined: the newest existing line. */
  readonly revision?: number | undefined;
}

/** The effect of an order on one portrait. `conflict`: another user has decided since this user looked. */
export type PlannedReview =
  | { readonly kind: "change"; readonly to: ReviewState; readonly result: ReviewedResult }
  | { readonly kind: "unchanged" | "conflict" | "no_result" };

/** Determines the effect of an order on one portrait. Repeating the current decision is not a conflict. */
export function planReview(
  { order, note, revision }: WantedReview,
  { index, mark, standing, effective }: ReviewTarget,
): PlannedReview {
  if (mark === undefined) return { kind: "no_result" };
  const { state, line } = standing;
  const isNewer = revision !== undefined && line > revision;
  const before = resultIn(effective, index);
  const isAboutThis = before?.mark === mark;
  if (order === "undo") {
    if (effective === undefined || before === undefined) return { kind: "unchanged" };
    if (isNewer) return { kind: "conflict" };
    const { mark: decided, before: restored, was = "undecided" } = before;
    const back = restored === undefined ? {} : { before: restored, was };
    return { kind: "change", to: was, result: { index, mark: decided, ...back, undoes: effective.number } };
  }
  if (order === "redo")
    return isNewer ? { kind: "conflict" } : { kind: "change", to: "undecided", result: { index, mark } };
  const to = order === "approve" ? "approved" : "rejected";
  const isSame = state === to && isAboutThis && (note === undefined || note === effective?.note);
  if (isSame) return { kind: "unchanged" };
  if (isNewer) return { kind: "conflict" };
  const previous = effective === undefined || !isAboutThis ? {} : { before: effective.number, was: state };
  return { kind: "change", to, result: { index, mark, ...previous } };
}

/** Returns a portrait's result in a line of the log. */
function resultIn(line: ReviewLine | undefined, index: number): ReviewedResult | undefined {
  return line?.results.find((result) => result.index === index);
}

/** Returns the line in effect after the latest line about a portrait: that line, or the one that it restored. */
export function effectiveLine(latest: ReviewLine | undefined, index: number): number {
  if (latest === undefined || latest.order === "redo") return 0;
  return latest.order === "undo" ? (resultIn(latest, index)?.before ?? 0) : latest.number;
}

/** Counts the results by decision. A count that is wrong in the ledger (`darkroom reconcile` finds it) is at least 0. */
export function reviewCounts(
  { succeeded, skipped }: { readonly succeeded: number; readonly skipped: number },
  counted: Pick<ReviewCounts, "approved" | "rejected">,
): ReviewCounts {
  const [approved, rejected] = [Math.max(0, counted.approved), Math.max(0, counted.rejected)];
  return { undecided: Math.max(0, succeeded + skipped - approved - rejected), approved, rejected };
}

/** Digits of a result's digest that identify it in the log. */
const MARK_DIGITS = 32;

/** Returns the mark of a result: its content digest, or the store's own mark if there is no digest. */
export function resultMark({ metadata, etag }: Pick<ObjectHead, "metadata" | "etag">): string {
  const digest = metadata[RESULT_METADATA.sha256];
  return digest === undefined ? `etag:${etag}` : digest.slice(0, MARK_DIGITS);
}
