import type { ObjectInfo } from "@darkroom/core";
import { KeyDensity } from "./key-density.ts";
import { KeySymbols } from "./key-symbols.ts";
import { ListedRange } from "./listed-range.ts";
import type { ListedPage, PageStart } from "./s3-pages.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** A listing up to this many pages is read sequentially without extra requests. */
const PAGES_IN_A_ROW = 2;
/** Concurrent requests. */
export const LISTING_WIDTH = 8;
/** Expected number of pages per range. Longer ranges waste fewer requests at their ends, but buffer more keys. */
const RANGE_PAGES = 8;
/**
 * Maximum number of buffered pages of all ranges, including those in flight. The reader's own range may exceed it by
 * one.
 */
const HELD_PAGES = (LISTING_WIDTH + 1) * RANGE_PAGES;
/** Number of speculative requests allowed per page read. Speculative requests may find empty ranges. */
const CREDIT_PER_PAGE = 0.25;
const MOST_CREDIT = 8;

/** The unread ranges of a listing, in order and without gaps. */
export class ListedRanges {
  readonly #load: (start: PageStart) => Promise<ListedPage>;
  readonly #pageKeys: number;
  readonly #ranges: ListedRange[];
  #pagesRead = 0;
  #inFlight = 0;
  #isClosed = false;
  #readerWaits = false;
  /** Number of requests that may still be wasted. */
  #credit = 1 - PAGES_IN_A_ROW * CREDIT_PER_PAGE;
  /** False for a store that does not sort its keys, or ignores the requested start. */
  #splits = true;
  #arrival = Promise.withResolvers<void>();

  /**
   * @param load loads one page of the listing
   * @param pageKeys keys of a full page
   * @param place the common prefix of all keys, and the key after which the listing begins
   */
  constructor(
    load: (start: PageStart) => Promise<ListedPage>,
    pageKeys: number,
    place: { readonly prefix: string; readonly after: string | undefined },
  ) {
    this.#load = load;
    this.#pageKeys = pageKeys;
    const whole = new ListedRange(place.after, undefined, new KeyDensity(new KeySymbols(), place.prefix.length));
    whole.isConfirmed = true;
    this.#ranges = [whole];
  }

  /** Returns the next objects; undefined at the end. Rejects if their request failed. */
  async next(): Promise<readonly ObjectInfo[] | undefined> {
    for (let first = this.#ranges[0]; first !== undefined; first = this.#ranges[0]) {
      const page = first.take();
      if (page !== undefined) {
        if (this.#pagesRead > PAGES_IN_A_ROW) this.#pump();
        return page;
      }
      if (first.failure !== undefined) throw first.failure.error;
      if (first.next === undefined || (first.isRead && this.#ranges[1]?.isConfirmed === true)) {
        this.#ranges.shift();
        continue;
      }
      this.#readerWaits = true;
      if (this.#pagesRead < PAGES_IN_A_ROW) this.#request(first);
      else this.#pump();
      await this.#arrival.promise;
      this.#readerWaits = false;
    }
    return undefined;
  }

  /** Stops sending requests. */
  close(): void {
    this.#isClosed = true;
  }

  /** Sends the due requests, starting with those nearest to the reader. */
  #pump(): void {
    if (this.#isClosed) return;
    for (let place = 0; place < this.#ranges.length && this.#inFlight < LISTING_WIDTH; place += 1) {
      const range = this.#ranges[place];
      if (range === undefined || range.isRead || range.failure !== undefined) continue;
      if (!range.isLoading) {
        if (!this.#makesRoom(place)) return;
        this.#request(range);
      }
      if (this.#inFlight < LISTING_WIDTH) this.#split(range, place);
    }
  }

  /** Starts a new range in the rest of a long range that is being read. */
  #split(range: ListedRange, place: number): void {
    const { reached, upTo } = range;
    if (!this.#splits || this.#credit < 1 || reached === undefined) return;
    if (this.#expectedKeys() + RANGE_PAGES * this.#pageKeys > HELD_PAGES * this.#pageKeys) return;
    if (upTo !== undefined && range.density.between(reached, upTo) < 2 * RANGE_PAGES * this.#pageKeys) return;
    const keys = Math.max(RANGE_PAGES - range.pagesRead, RANGE_PAGES / 2) * this.#pageKeys;
    const guess = range.density.ahead(reached, upTo, keys);
    if (guess === undefined) return;
    const split = new ListedRange(guess, upTo, range.density.copy());
    range.upTo = guess;
    this.#ranges.splice(place + 1, 0, split);
    this.#credit -= 1;
    this.#request(split);
  }

  /** Returns the number of buffered keys, including those expected in ranges of the usual length. */
  #expectedKeys(): number {
    let pages = 0;
    let held = 0;
    for (const range of this.#ranges) {
      held += range.held;
      if (!range.isRead) pages += Math.max(1, RANGE_PAGES - range.pagesRead);
    }
    return held + pages * this.#pageKeys;
  }

  /**
   * True if another page of a range may be requested. While the reader waits, later pages are discarded as far as the
   * credit allows, and the reader's own range may exceed the limit by one page.
   */
  #makesRoom(place: number): boolean {
    while (this.#isFull()) {
      if (!this.#readerWaits) return false;
      const farthest = this.#ranges.findLastIndex(({ held, isLoading }) => held > 0 && !isLoading);
      const pages = (this.#ranges[farthest]?.held ?? 0) / this.#pageKeys;
      if (farthest <= place || pages > this.#credit) return this.#isReaders(place);
      this.#drop(farthest);
    }
    return true;
  }

  /** True for the range from which the reader needs the next page. */
  #isReaders(place: number): boolean {
    return this.#ranges.findIndex(({ isRead }) => !isRead) === place;
  }

  #isFull(): boolean {
    const held = this.#ranges.reduce((sum, range) => sum + range.held, 0);
    return held + (this.#inFlight + 1) * this.#pageKeys > HELD_PAGES * this.#pageKeys;
  }

  #request(range: ListedRange): void {
    const { next } = range;
    if (next === undefined) return;
    range.isLoading = true;
    this.#inFlight += 1;
    const answered = (): void => {
      this.#inFlight -= 1;
      range.isLoading = false;
    };
    void this.#load(next)
      .then(
        (page) => {
          answered();
          if (!range.isDropped) this.#receive(range, next, page);
        },
        (error: unknown) => {
          answered();
          if (!range.isDropped) this.#fail(range, error);
        },
      )
      .then(() => {
        if (this.#pagesRead > PAGES_IN_A_ROW) this.#pump();
        this.#arrival.resolve();
        this.#arrival = Promise.withResolvers();
      });
  }

  #receive(range: ListedRange, start: PageStart, page: ListedPage): void {
    const { keys, objects, next } = page;
    this.#pagesRead += 1;
    if (this.#splits && !isAscending("token" in start ? range.at : start.after, keys)) this.#stopSplitting();
    if (range.isDropped) return;
    const isGuess = !range.isConfirmed;
    const before = range.at;
    range.isConfirmed = true;
    range.pagesRead += 1;
    range.next = next;
    range.at = keys.at(-1) ?? before;
    if (range.at !== undefined) this.#moveEnd(range, range.at);
    // Learns keys beyond the range in the range to which they belong.
    const beyond = keys.findIndex((key) => !range.isBefore(key));
    range.density.learn(beyond === -1 ? keys : keys.slice(0, beyond + 1), isGuess ? undefined : (before ?? ""));
    const kept = range.keep(objects, before);
    const useful = kept / this.#pageKeys;
    const earned = useful * CREDIT_PER_PAGE + (isGuess ? useful : 0) - (objects.length - kept) / this.#pageKeys;
    this.#credit = Math.min(MOST_CREDIT, this.#credit + earned);
    if (next === undefined) this.#dropUnconfirmed(this.#ranges.indexOf(range));
  }

  /** Extends a range to the end of a page that goes beyond it, unless a page of the next range has arrived. */
  #moveEnd(range: ListedRange, last: string): void {
    const place = this.#ranges.indexOf(range);
    while (range.upTo !== undefined && compareUtf8(last, range.upTo) > 0) {
      const after = this.#ranges[place + 1];
      if (after === undefined || after.isConfirmed) return;
      if (after.isBefore(last)) {
        range.upTo = last;
        after.from = last;
        return;
      }
      range.upTo = after.upTo;
      after.isDropped = true;
      this.#ranges.splice(place + 1, 1);
    }
  }

  /**
   * Only a failure of the reader's own request fails the listing. Other failed requests are repeated when the reader
   * needs them.
   */
  #fail(range: ListedRange, error: unknown): void {
    const place = this.#ranges.indexOf(range);
    this.#credit = Math.min(this.#credit, 0);
    if (place === 0) range.failure = { error };
    else this.#drop(place);
  }

  #drop(place: number): void {
    const [range] = this.#ranges.splice(place, 1);
    if (range === undefined) return;
    this.#credit -= range.held / this.#pageKeys;
    this.#ranges[place - 1]?.takeOver(range);
  }

  /** Drops the unconfirmed ranges that directly follow a place. */
  #dropUnconfirmed(place: number): void {
    while (this.#ranges[place + 1]?.isConfirmed === false) this.#drop(place + 1);
  }

  #stopSplitting(): void {
    this.#splits = false;
    while (this.#ranges.length > 1) this.#drop(this.#ranges.length - 1);
  }
}

function isAscending(before: string | undefined, keys: readonly string[]): boolean {
  let last = before;
  for (const key of keys) {
    if (last !== undefined && compareUtf8(key, last) < 0) return false;
    last = key;
  }
  return true;
}
