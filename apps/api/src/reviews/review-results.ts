import { adoptReviewLog, storeReviewLog } from "@darkroom/archive";
import {
  DarkroomError,
  isDarkroomError,
  planReview,
  resultMark,
  type ReviewOrder,
  type WantedReview,
} from "@darkroom/core";
import type { BatchRecord, NewReviewLine, ReviewChange } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import { ShownPictures } from "../portraits/shown-pictures.ts";
import type { Services } from "../services.ts";
import { readReviews, viewReview, type KnownReview } from "./read-reviews.ts";
import { ReviewConflict } from "./review-conflict.ts";

/** Portraits in one line of the log. */
const LINE_PORTRAITS = 500;
/** Number of results checked in the store concurrently. */
const LOOKS_AT_ONCE = 16;
/** Attempts to record a line whose portraits other requests change at the same time. */
const TRIES = 8;

/** An order about results, by one caller. */
export interface GivenReview extends WantedReview {
  readonly order: ReviewOrder;
  /** Id of the caller. */
  readonly by: string;
}

export interface ReviewedPortraits {
  /** Portraits whose decision was recorded. */
  readonly recorded: number;
  /** Portraits for which the decision already stood. */
  readonly unchanged: number;
  /** The last line of the log that was added; undefined if none was. */
  readonly line: number | undefined;
}

/**
 * Records decisions about results in the ledger and in the object store. Lines that an earlier request could not store
 * are stored as well, so an acknowledged decision survives the loss of Redis.
 *
 * @param indexes sorted; each has a portrait
 * @throws ReviewConflict if another user has decided since `revision`; then nothing, or only the first part of a long
 * list, was recorded
 */
export async function reviewResults(
  services: Services,
  record: BatchRecord,
  given: GivenReview,
  indexes: readonly number[],
): Promise<ReviewedPortraits> {
  const { id: batchId, destination } = record.spec;
  const store = services.openStore(destination.url);
  await services.followClock();
  await adoptReviews(services, record);
  if (given.revision !== undefined) await checkConflicts(services, record, given, indexes);
  let [recorded, unchanged] = [0, 0];
  let line: number | undefined;
  try {
    for (let at = 0; at < indexes.length; at += LINE_PORTRAITS) {
      const some = indexes.slice(at, at + LINE_PORTRAITS);
      const added = await recordLine(services, record, { given, indexes: some, recorded });
      recorded += added?.changed ?? 0;
      unchanged += some.length - (added?.changed ?? 0);
      line = added?.number ?? line;
    }
  } finally {
    await storeReviewLog(services.ledger, store, batchId);
    await services.ledger.feed.forward(batchId);
  }
  return { recorded, unchanged, line };
}

/**
 * Plans one line of the log, passes it to a function that records it with other changes, then stores the log.
 *
 * @throws ReviewConflict if another user has decided since `revision`; nothing was recorded then
 */
export async function withReview(
  services: Services,
  record: BatchRecord,
  { given, indexes }: Pick<LinePart, "given" | "indexes">,
  recordWith: (review: { readonly line: NewReviewLine; readonly changes: readonly ReviewChange[] }) => Promise<unknown>,
): Promise<void> {
  const { id: batchId, destination } = record.spec;
  await services.followClock();
  await adoptReviews(services, record);
  try {
    await recordWith({ line: lineOf(given), changes: await plan(services, record, { given, indexes, recorded: 0 }) });
  } finally {
    await storeReviewLog(services.ledger, services.openStore(destination.url), batchId);
    await services.ledger.feed.forward(batchId);
  }
}

/** Adds decisions that Redis has lost; see {@link adoptReviewLog}. */
export async function adoptReviews(services: ReviewServices, record: BatchRecord): Promise<void> {
  const { id: batchId, destination } = record.spec;
  const store = services.openStore(destination.url);
  await adoptReviewLog(services.ledger, store, { batchId, markOf: (index) => markOf(services, record, index) });
}

type ReviewServices = Pick<Services, "ledger" | "openStore" | "snapshot">;

/** Checks a list of several lines before its first line is recorded. */
async function checkConflicts(
  services: Services,
  record: BatchRecord,
  given: GivenReview,
  indexes: readonly number[],
): Promise<void> {
  const { revision = 0 } = given;
  const standings = await services.ledger.reviews.standings(record.spec.id, indexes);
  const newer = indexes.filter((_, place) => (standings[place]?.line ?? 0) > revision);
  await plan(services, record, { given, indexes: newer, recorded: 0 });
}

interface LinePart {
  readonly given: GivenReview;
  readonly indexes: readonly number[];
  /** Portraits recorded by earlier lines of the same request. */
  readonly recorded: number;
}

/** @returns the added line, with the number of portraits whose decision it changed; undefined if all stood already */
async function recordLine(
  services: Services,
  record: BatchRecord,
  part: LinePart,
): Promise<{ readonly number: number; readonly changed: number } | undefined> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const changes = await plan(services, record, part);
    if (changes.length === 0) return undefined;
    const line = lineOf(part.given);
    const answer = await services.ledger.reviews.record(record.spec.id, line, changes);
    if (answer.kind === "recorded") return { number: answer.number, changed: changes.length };
    if (answer.kind === "gone") throw new DarkroomError("not_found", "There is no such batch.");
  }
  throw new DarkroomError("conflict", "Others decide on the same portraits right now. Ask again in a moment.", {
    retryable: true,
  });
}

/** Returns the log line for a new order. */
function lineOf({ by, order, note }: GivenReview): NewReviewLine {
  return { at: serverNow(), by, order, ...(note === undefined ? {} : { note }) };
}

/** @throws ReviewConflict, or DarkroomError `conflict` for a portrait without a result */
async function plan(
  services: Services,
  record: BatchRecord,
  { given, indexes, recorded }: LinePart,
): Promise<readonly ReviewChange[]> {
  const [known, marks] = await Promise.all([
    readReviews(services, record, indexes),
    inParts(indexes, (index) => markOf(services, record, index)),
  ]);
  const conflicts: { index: number; review: ReturnType<typeof viewReview> }[] = [];
  const changes: ReviewChange[] = [];
  indexes.forEach((index, place) => {
    const { standing, effective } = known[place] as KnownReview;
    const planned = planReview(given, { index, mark: marks[place], standing, effective });
    if (planned.kind === "change") changes.push({ result: planned.result, from: standing, to: planned.to });
    if (planned.kind === "conflict") conflicts.push({ index, review: viewReview({ standing, effective }) });
    if (planned.kind === "no_result") throw noResult(index);
  });
  if (conflicts.length > 0) throw new ReviewConflict(conflicts, recorded);
  return changes;
}

function noResult(index: number): DarkroomError {
  const message = `Portrait ${index} has no result to decide about: it has not ended well, or another batch has replaced its file. Nothing more was changed.`;
  return new DarkroomError("conflict", message, { field: "indexes" });
}

/** Returns the mark of a portrait's present result; undefined without one. */
async function markOf(services: ReviewServices, record: BatchRecord, index: number): Promise<string | undefined> {
  try {
    const head = await (await ShownPictures.of(services, record, index)).resultHead();
    return head === undefined ? undefined : resultMark(head);
  } catch (error) {
    if (isDarkroomError(error, "not_found")) return undefined;
    throw error;
  }
}

async function inParts<T>(indexes: readonly number[], read: (index: number) => Promise<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for (let at = 0; at < indexes.length; at += LOOKS_AT_ONCE) {
    all.push(...(await Promise.all(indexes.slice(at, at + LOOKS_AT_ONCE).map(read))));
  }
  return all;
}
