import {
  rangesOf,
  REVIEW_STATES,
  type FeedEvent,
  type ReviewedResult,
  type ReviewLine,
  type ReviewStanding,
  type ReviewState,
} from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";
import { batchLedgerKeys } from "../keys.ts";
import { REVIEW_SPAN } from "../scripts/constants.ts";
import * as scripts from "../scripts/review-scripts.ts";
import type { RunScript } from "../scripts/run-script.ts";

/** Bytes of a portrait in the map of decisions. */
const VALUE_BYTES = 4;

/** The change of one portrait in a line of the log. */
export interface ReviewChange {
  readonly result: ReviewedResult;
  /** The portrait's standing when the change was decided. */
  readonly from: ReviewStanding;
  readonly to: ReviewState;
}

/** A line of the log before it has a number. */
export type NewReviewLine = Omit<ReviewLine, "number" | "results">;

/** `changed`: a portrait's decision or result is another one now; nothing was recorded. */
export type RecordedReview =
  | { readonly kind: "recorded"; readonly number: number }
  | { readonly kind: "changed" | "gone" };

type ReviewEvent = Extract<FeedEvent, { readonly type: "batch.reviewed" }>["data"];

/**
 * The decisions about results (P12). A map contains the latest line and the state of each portrait, 4 bytes each; the
 * log contains the lines. Redis keeps the newest lines, and all lines that the object store does not have yet.
 */
export class Reviews {
  readonly #redis: RedisConnection;
  readonly #namespace: string;
  readonly #run: RunScript;

  constructor(redis: RedisConnection, namespace: string, run: RunScript) {
    this.#redis = redis;
    this.#namespace = namespace;
    this.#run = run;
  }

  /** Returns the decisions about these portraits, in the same order. */
  async standings(batchId: string, indexes: readonly number[]): Promise<readonly ReviewStanding[]> {
    if (indexes.length === 0) return [];
    const { reviews } = batchLedgerKeys(this.#namespace, batchId);
    const reads = indexes.flatMap((index) => ["GET", "u32", `#${index}`]);
    const values = (await this.#redis.call("BITFIELD", reviews, ...reads)) as number[];
    return values.map(standingOf);
  }

  /** Returns the decisions about `length` portraits from `start`. */
  async range(batchId: string, start: number, length: number): Promise<readonly ReviewStanding[]> {
    const { reviews } = batchLedgerKeys(this.#namespace, batchId);
    const bytes = await this.#redis.getrangeBuffer(reviews, start * VALUE_BYTES, (start + length) * VALUE_BYTES - 1);
    return Array.from({ length }, (_, offset) => {
      const at = offset * VALUE_BYTES;
      return standingOf(at + VALUE_BYTES <= bytes.length ? bytes.readUInt32BE(at) : 0);
    });
  }

  /** Returns the codes of the decisions about `length` portraits from `start`: places in `REVIEW_STATES`. */
  async codes(batchId: string, start: number, length: number): Promise<Uint8Array> {
    const { reviews } = batchLedgerKeys(this.#namespace, batchId);
    const bytes = await this.#redis.getrangeBuffer(reviews, start * VALUE_BYTES, (start + length) * VALUE_BYTES - 1);
    // The number of the state is in the lowest bits of the last byte.
    return Uint8Array.from({ length }, (_, offset) => (bytes[(offset + 1) * VALUE_BYTES - 1] ?? 0) % REVIEW_SPAN);
  }

  /** Records a line of the log with the states that follow from it, and reports it in the feed. */
  async record(batchId: string, line: NewReviewLine, changes: readonly ReviewChange[]): Promise<RecordedReview> {
    const rows = changes.map(plannedRow);
    const args = { line: textOf(line, changes), event: JSON.stringify(eventOf(line, changes)) };
    const [kind, number] = (await this.#run(scripts.recordReview, batchId, args, rows)) as [string, number];
    return kind === "recorded" ? { kind, number } : { kind: kind === "gone" ? "gone" : "changed" };
  }

  /**
   * Records a line that the object store has and Redis has lost.
   *
   * @param changes of those results that are still the ones that the line is about
   * @returns false if Redis has the line
   */
  async adopt(batchId: string, line: ReviewLine, changes: readonly Omit<ReviewChange, "from">[]): Promise<boolean> {
    const { number, ...rest } = line;
    const event: ReviewEvent = { ...eventOf(line, changes), revision: number };
    const args = { number, line: JSON.stringify(rest), event: JSON.stringify(event) };
    const rows = changes.map(({ result, to }) => ({ i: result.index, state: REVIEW_STATES.indexOf(to) }));
    return (await this.#run(scripts.adoptReview, batchId, args, rows)) === 1;
  }

  /** Returns those of the lines that Redis has. */
  async lines(batchId: string, numbers: readonly number[]): Promise<ReadonlyMap<number, ReviewLine>> {
    if (numbers.length === 0) return new Map();
    const { reviewLines } = batchLedgerKeys(this.#namespace, batchId);
    const texts = await this.#redis.hmget(reviewLines, ...numbers.map(String));
    return new Map(
      numbers.flatMap((number, place) => {
        const text = texts[place];
        if (text == null) return [];
        return [[number, { number, ...(JSON.parse(text) as Omit<ReviewLine, "number">) }] as const];
      }),
    );
  }

  /** Returns the numbers of the newest line, and of the newest line that the object store has. */
  async revisions(batchId: string): Promise<{ readonly revision: number; readonly stored: number }> {
    const { meta } = batchLedgerKeys(this.#namespace, batchId);
    const [revision, stored] = await this.#redis.hmget(meta, "reviewRevision", "reviewStored");
    return { revision: Number(revision ?? 0), stored: Number(stored ?? 0) };
  }

  /** Records that the object store has all lines up to this one. */
  async stored(batchId: string, number: number): Promise<void> {
    await this.#run(scripts.noteStoredReviews, batchId, { stored: number });
  }
}

/**
 * A line of the review log that another script records together with its own changes.
 *
 * @returns the script's argument
 */
export function reviewArgument(line: NewReviewLine, changes: readonly ReviewChange[]): string {
  const planned = changes.map(plannedRow).map(({ i, value, state }) => [i, value, state]);
  return JSON.stringify({ line: textOf(line, changes), event: eventOf(line, changes), changes: planned });
}

function textOf(line: NewReviewLine, changes: readonly ReviewChange[]): string {
  return JSON.stringify({ ...line, results: changes.map(({ result }) => result) });
}

function plannedRow({ result, from, to }: ReviewChange) {
  return {
    i: result.index,
    value: from.line * REVIEW_SPAN + REVIEW_STATES.indexOf(from.state),
    state: REVIEW_STATES.indexOf(to),
  };
}

function standingOf(value: number): ReviewStanding {
  return { state: REVIEW_STATES[value % REVIEW_SPAN] ?? "undecided", line: Math.floor(value / REVIEW_SPAN) };
}

function eventOf(
  { by, order, note }: NewReviewLine,
  changes: readonly Omit<ReviewChange, "from">[],
): Omit<ReviewEvent, "revision"> {
  const states = REVIEW_STATES.flatMap((state) => {
    const indexes = changes.filter(({ to }) => to === state).map(({ result }) => result.index);
    return indexes.length === 0 ? [] : [[state, rangesOf(indexes.toSorted((a, b) => a - b))] as const];
  });
  return { by, order, ...(note === undefined ? {} : { note }), ...Object.fromEntries(states) };
}
