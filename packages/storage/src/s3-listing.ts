import { setImmediate } from "node:timers/promises";
import type { ObjectInfo } from "@darkroom/core";
import { ListedRanges } from "./listed-ranges.ts";
import { listPage, PAGE_KEYS, type ListedPage, type ListedPlace, type PageStart } from "./s3-pages.ts";

/**
 * Lists all keys after `after` in the order of their UTF-8 bytes. After the first pages, reads ranges of a few pages
 * each in parallel. Each range starts at a guessed key. Whatever the guesses, the listing returns every key once and in
 * order.
 *
 * Sends at most a quarter more requests than there are pages, and a few. When the consumer stops early, at most the
 * pages that were held and in flight were read in vain.
 */
export async function* listKeys(
  place: ListedPlace,
  after: string | undefined,
  signal?: AbortSignal,
): AsyncGenerator<ObjectInfo> {
  const stopping = new AbortController();
  const either = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
  const load = async (start: PageStart): Promise<ListedPage> => await listPage(place, start, either);
  const ranges = new ListedRanges(load, PAGE_KEYS, { prefix: place.prefix, after });
  try {
    for (let page = await ranges.next(); page !== undefined; page = await ranges.next()) {
      yield* page;
      // Without this, buffered pages would follow each other without a turn of the event loop.
      await setImmediate();
    }
    signal?.throwIfAborted();
  } finally {
    ranges.close();
    stopping.abort();
  }
}
