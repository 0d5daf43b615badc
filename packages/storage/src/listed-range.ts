import type { ObjectInfo } from "@darkroom/core";
import type { KeyDensity } from "./key-density.ts";
import type { PageStart } from "./s3-pages.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** The keys of a listing after `from` and up to `upTo`, as far as they have been read. */
export class ListedRange {
  readonly density: KeyDensity;
  /** Exclusive; undefined for the listing's start. */
  from: string | undefined;
  /** Inclusive; undefined for the listing's end. */
  upTo: string | undefined;
  /** The last key read; initially `from`. */
  at: string | undefined;
  /** Start of the next page; undefined after the listing's last page. */
  next: PageStart | undefined;
  /** True once a page has been read. Until then, the previous range may take over the keys of this one. */
  isConfirmed = false;
  isLoading = false;
  /** True once the previous range has taken over. Later pages are ignored. */
  isDropped = false;
  failure: { readonly error: unknown } | undefined;
  pagesRead = 0;
  held = 0;
  readonly #pages: (readonly ObjectInfo[])[] = [];

  constructor(from: string | undefined, upTo: string | undefined, density: KeyDensity) {
    this.density = density;
    this.from = from;
    this.upTo = upTo;
    this.at = from;
    this.next = { after: from };
  }

  /** True if the range needs no more requests. */
  get isRead(): boolean {
    return this.next === undefined || (this.upTo !== undefined && this.at !== undefined && !this.isBefore(this.at));
  }

  /** Keys after this one have not been read yet. */
  get reached(): string | undefined {
    const { at, from } = this;
    return at === undefined || (from !== undefined && compareUtf8(from, at) > 0) ? from : at;
  }

  /** True for a key before the end of this range. */
  isBefore(key: string): boolean {
    return this.upTo === undefined || compareUtf8(key, this.upTo) < 0;
  }

  /**
   * Keeps the objects of a page that are within the range.
   *
   * @param before the last key of the previous page. Some stores repeat it at the start of the next page
   * @returns the number of objects kept
   */
  keep(objects: readonly ObjectInfo[], before: string | undefined): number {
    const own = objects.filter(({ key }) => key !== before && this.#holds(key));
    if (own.length > 0) this.#pages.push(own);
    this.held += own.length;
    return own.length;
  }

  take(): readonly ObjectInfo[] | undefined {
    const page = this.#pages.shift();
    this.held -= page?.length ?? 0;
    return page;
  }

  /** Extends this range over the next one, whose keys are then read again. */
  takeOver(after: ListedRange): void {
    if (this.upTo !== undefined && this.at !== undefined && compareUtf8(this.at, this.upTo) > 0) {
      // Keys beyond the end of this range were read but discarded, so they are read again.
      this.at = this.upTo;
      this.next = { after: this.upTo };
    }
    this.upTo = after.upTo;
    after.isDropped = true;
  }

  #holds(key: string): boolean {
    if (this.from !== undefined && compareUtf8(key, this.from) <= 0) return false;
    return this.upTo === undefined || compareUtf8(key, this.upTo) <= 0;
  }
}
