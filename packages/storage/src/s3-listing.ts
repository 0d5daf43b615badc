import { setImmediate } from "node:timers/promises";
import type { ObjectInfo } from "@darkroom/core";
import { listFolders, listPage, PAGE_KEYS, type ListedPage, type ListedPlace, type PageStart } from "./s3-pages.ts";
import { compareUtf8 } from "./utf8-order.ts";
import { KeyRange } from "./s3-key-range.ts";

/** Number of pages up to which a listing is read sequentially, without extra requests. */
const PAGES_IN_A_ROW = 2;
/** Number of concurrent requests. */
const WIDTH = 8;
/** Maximum number of ranges; more gain nothing. */
const MOST_RANGES = 64;
/** Maximum folder depth that is searched when a listing is split into ranges. */
const MOST_LEVELS = 4;
/** Limit of keys buffered over all ranges. */
const HELD_KEYS = 65_536;

/**
 * Lists all keys after `after` in the order of their UTF-8 bytes, like sequential requests. Beyond a few pages, splits
 * the rest at its folders into ranges that are prefetched in parallel. Folders are only hints: any split yields every
 * key once and in order.
 */
export async function* listKeys(
  place: ListedPlace,
  after: string | undefined,
  signal?: AbortSignal,
): AsyncGenerator<ObjectInfo> {
  let start: PageStart | undefined = { after };
  let last = after;
  let useful = true;
  while (start !== undefined) {
    const most: number = useful ? PAGES_IN_A_ROW : Infinity;
    for (let pages = 0; start !== undefined && pages < most; pages += 1) {
      const page = await listPage(place, start, signal);
      yield* page.objects;
      last = page.objects.at(-1)?.key ?? last;
      start = page.next;
    }
    if (start === undefined) return;
    const { cuts, complete } = await findCuts(place, last, signal);
    if (cuts.length === 0) {
      useful = false;
      continue;
    }
    const ends: (string | undefined)[] = complete ? [...cuts, undefined] : [...cuts];
    let keys = 0;
    for await (const objects of readAhead(place, last, ends, signal)) {
      keys += objects.length;
      yield* objects;
    }
    last = cuts.at(-1);
    start = complete ? undefined : { after: last };
    useful = keys >= (cuts.length * PAGE_KEYS) / 2;
  }
}

interface Cuts {
  readonly cuts: readonly string[];
  /** True when no folder follows the last cut. */
  readonly complete: boolean;
}

/** Finds keys at which to split the rest of a listing: its folders, on as many levels as needed. */
async function findCuts(place: ListedPlace, after: string | undefined, signal?: AbortSignal): Promise<Cuts> {
  const around = foldersAround(after ?? "", place.prefix);
  const { folders, complete } = await listFolders(place, after, signal);
  const found = new Set(folders);
  let level = folders;
  for (let depth = 0; depth < MOST_LEVELS && found.size < WIDTH; depth += 1) {
    const parents = [...around.slice(depth, depth + 1), ...level];
    const below = parents.map(async (prefix) => await listFolders({ ...place, prefix }, after, signal));
    level = (await Promise.all(below)).flatMap((answer) => answer.folders);
    for (const folder of level) found.add(folder);
  }
  return { cuts: spread([...found].sort(compareUtf8)), complete };
}

/** Returns the folders of a key below a prefix, outermost first. */
function foldersAround(key: string, prefix: string): readonly string[] {
  const folders: string[] = [];
  for (let slash = key.indexOf("/", prefix.length); slash !== -1; slash = key.indexOf("/", slash + 1)) {
    folders.push(key.slice(0, slash + 1));
  }
  return folders;
}

/** Returns at most {@link MOST_RANGES} of the cuts, including the last. */
function spread(cuts: readonly string[]): readonly string[] {
  const step = Math.ceil(cuts.length / MOST_RANGES);
  return cuts.filter((_, place) => (cuts.length - 1 - place) % step === 0);
}

/** Yields the pages of the ranges that end at these keys, in order. The last range may have no end. */
async function* readAhead(
  place: ListedPlace,
  after: string | undefined,
  ends: readonly (string | undefined)[],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly ObjectInfo[]> {
  const stopping = new AbortController();
  const either = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
  const load = async (start: PageStart): Promise<ListedPage> => await listPage(place, start, either);
  const ranges = ends.map((upTo, i) => new KeyRange(load, i === 0 ? after : ends[i - 1], upTo, () => pump()));
  // Ranges that the reader reaches sooner may buffer more: each gets half of the remaining limit, which bounds the
  // total.
  const pump = (): void => {
    ranges.slice(0, WIDTH).forEach((range, distance) => range.fill(HELD_KEYS / 2 ** (distance + 1)));
  };
  try {
    while (ranges.length > 0) {
      pump();
      const objects = await ranges[0]?.next();
      if (objects === undefined) ranges.shift();
      else if (objects.length > 0) yield objects;
      // Otherwise buffered pages would follow each other without a turn of the event loop.
      await setImmediate();
    }
    signal?.throwIfAborted();
  } finally {
    stopping.abort();
  }
}
