import {
  BATCH_FORMAT,
  batchKeys,
  type ObjectStore,
  type ReviewLine,
  type ReviewOrder,
  type ReviewState,
} from "@darkroom/core";
import type { Ledger, ReviewChange } from "@darkroom/ledger";
import { damagedFile, parseBatchFile, readText } from "./control-file.ts";

/** Lines written or read at once. */
const AT_ONCE = 8;

/**
 * Writes the lines of a batch's review log that the object store does not have yet, one file per line. Two processes
 * that do it at once write the same files.
 */
export async function storeReviewLog(ledger: Pick<Ledger, "reviews">, store: ObjectStore, batchId: string) {
  const { revision, stored } = await ledger.reviews.revisions(batchId);
  for (let first = stored + 1; first <= revision; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, revision - first + 1) }, (_, offset) => first + offset);
    const lines = await ledger.reviews.lines(batchId, numbers);
    await Promise.all([...lines.values()].map((line) => putLine(store, batchId, line)));
    await ledger.reviews.stored(batchId, numbers.at(-1) ?? stored);
  }
}

async function putLine(store: ObjectStore, batchId: string, line: ReviewLine): Promise<void> {
  const text = `${JSON.stringify({ format: BATCH_FORMAT, ...line })}\n`;
  const key = batchKeys(batchId).reviewLine(line.number, line.at);
  await store.put(key, Buffer.from(text), { contentType: "application/json" });
}

/** Reads these lines of the log from Redis, or otherwise from the object store. Omits lines that both have lost. */
export async function readReviewLines(
  ledger: Pick<Ledger, "reviews">,
  store: ObjectStore,
  { batchId, numbers }: { readonly batchId: string; readonly numbers: readonly number[] },
): Promise<ReadonlyMap<number, ReviewLine>> {
  const found = new Map(await ledger.reviews.lines(batchId, numbers));
  const missing = numbers.filter((number) => !found.has(number));
  for (let at = 0; at < missing.length; at += AT_ONCE) {
    const some = missing.slice(at, at + AT_ONCE);
    const lines = await Promise.all(some.map((number) => readStoredLine(store, batchId, number)));
    for (const line of lines) if (line !== undefined) found.set(line.number, line);
  }
  return found;
}

async function readStoredLine(store: ObjectStore, batchId: string, number: number): Promise<ReviewLine | undefined> {
  let last: string | undefined;
  for await (const { key } of store.list({ prefix: batchKeys(batchId).reviewLinePrefix(number) })) last = key;
  return last === undefined ? undefined : await readLine(store, batchId, last);
}

async function readLine(store: ObjectStore, batchId: string, key: string): Promise<ReviewLine | undefined> {
  const text = await readText(store, key);
  if (text === undefined) return undefined;
  const name = key.slice(batchKeys(batchId).base.length);
  const { format: _, ...line } = parseBatchFile(batchId, name, text) as ReviewLine & { readonly format: number };
  if (typeof line.number !== "number" || !Array.isArray(line.results)) throw damagedFile(batchId, name);
  return line;
}

const STATE_OF: Readonly<Record<Exclude<ReviewOrder, "undo">, ReviewState>> = {
  approve: "approved",
  reject: "rejected",
  redo: "undecided",
};

/**
 * Adds the lines of the object store that Redis has lost: after a failover, or after it was emptied. A decision counts
 * only for the result that it was about.
 *
 * @param markOf returns the mark of a portrait's present result; undefined without one
 * @returns the number of lines added
 */
export async function adoptReviewLog(
  ledger: Pick<Ledger, "reviews">,
  store: ObjectStore,
  { batchId, markOf }: { readonly batchId: string; readonly markOf: (index: number) => Promise<string | undefined> },
): Promise<number> {
  const { revision } = await ledger.reviews.revisions(batchId);
  const { reviewsPrefix, reviewLinePrefix } = batchKeys(batchId);
  let adopted = 0;
  const startAfter = `${reviewLinePrefix(revision)}~`;
  for await (const { key } of store.list({ prefix: reviewsPrefix, startAfter })) {
    const line = await readLine(store, batchId, key);
    if (line === undefined) continue;
    const changes = await changesOf(line, markOf);
    if (await ledger.reviews.adopt(batchId, line, changes)) adopted += 1;
  }
  return adopted;
}

async function changesOf(
  { order, results }: ReviewLine,
  markOf: (index: number) => Promise<string | undefined>,
): Promise<readonly Omit<ReviewChange, "from">[]> {
  const changes: Omit<ReviewChange, "from">[] = [];
  for (let at = 0; at < results.length; at += AT_ONCE) {
    const some = results.slice(at, at + AT_ONCE);
    const marks = await Promise.all(some.map(({ index }) => markOf(index)));
    some.forEach((result, place) => {
      if (marks[place] !== result.mark) return;
      changes.push({ result, to: order === "undo" ? (result.was ?? "undecided") : STATE_OF[order] });
    });
  }
  return changes;
}
