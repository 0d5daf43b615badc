import type { ObjectInfo } from "@darkroom/core";
import type { ListedPage, PageStart } from "./s3-pages.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** The keys in a range, prefetched page by page with one request at a time. */
export class KeyRange {
  readonly #load: (start: PageStart) => Promise<ListedPage>;
  readonly #after: string | undefined;
  readonly #upTo: string | undefined;
  readonly #onPage: () => void;
  readonly #pages: (readonly ObjectInfo[])[] = [];
  #held = 0;
  #start: PageStart | undefined;
  #loading: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param load loads one page of the whole listing
   * @param upTo the last key of the range; undefined for the end of the listing
   * @param onPage called after each page, to request the next
   */
  constructor(
    load: (start: PageStart) => Promise<ListedPage>,
    after: string | undefined,
    upTo: string | undefined,
    onPage: () => void,
  ) {
    this.#load = load;
    this.#after = after;
    this.#upTo = upTo;
    this.#onPage = onPage;
    this.#start = { after };
  }

  /** Requests the next page, unless one is pending, the range is complete, or `keys` are buffered. */
  fill(keys: number): void {
    const start = this.#start;
    if (start === undefined || this.#loading !== undefined || this.#failure !== undefined) return;
    if (this.#pages.length > 0 && this.#held >= keys) return;
    this.#loading = this.#load(start).then(
      (page) => {
        this.#take(page);
        this.#loading = undefined;
        this.#onPage();
      },
      (error: unknown) => {
        this.#failure = { error };
        this.#loading = undefined;
      },
    );
  }

  /**
   * Returns the next page of keys, possibly empty; undefined at the end. Rejects with the error of a failed request.
   */
  async next(): Promise<readonly ObjectInfo[] | undefined> {
    if (this.#pages.length === 0) {
      this.fill(0);
      await this.#loading;
    }
    const page = this.#pages.shift();
    this.#held -= page?.length ?? 0;
    if (page === undefined && this.#failure !== undefined) throw this.#failure.error;
    return page;
  }

  #take({ objects, next }: ListedPage): void {
    const ended = objects.some(({ key }) => this.#isBeyond(key));
    // A store that ignores the start key also returns earlier keys.
    const own = objects.filter(({ key }) => this.#holds(key));
    this.#pages.push(own);
    this.#held += own.length;
    this.#start = ended ? undefined : next;
  }

  #holds(key: string): boolean {
    return !this.#isBeyond(key) && (this.#after === undefined || compareUtf8(key, this.#after) > 0);
  }

  #isBeyond(key: string): boolean {
    return this.#upTo !== undefined && compareUtf8(key, this.#upTo) > 0;
  }
}
