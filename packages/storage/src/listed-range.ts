import type { ObjectInfo } from "@darkroom/core";
import type { KeyDensity } from "./key-density.ts";
import type { PageStart } from "./s3-pages.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** The keys of a listing after one text and up to another, as far as they were read. */
export class ListedRange {
  readonly density: KeyDensity;
  /** Excluded; undefined for the listing's start. */
  from: string | undefined;
  /** Included; undefined for the listing's end. */
  upTo: string | undefined;
  /** The last key that was read; at first `from`. */
  at: string | undefined;
  /** Where the next page starts; undefined after the listing's last page. */
  next: PageStart | undefined;
  /** True once a page was read. Until then the range before it may take keys of this one. */
  isConfirmed = false;
  isLoading = false;
  /** True when the range before took over. A page that still arrives is ignored. */
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

  /** True when no request is needed for more keys of this range. */
  get isRead(): boolean {
    return this.next === undefined || (this.upTo !== undefined && this.at !== undefined && !this.isBefore(this.at));
  }

  /** Keys after this one are still to be read. */
  get reached(): string | undefined {
    const { at, from } = this;
    return at === undefined || (from !== undefined && compareUtf8(from, at) > 0) ? from : at;
  }

  /** True for a key before this range's end. */
  isBefore(key: string): boolean {
    return this.upTo === undefined || compareUtf8(key, this.upTo) < 0;
  }

  /**
   * Keeps those of a page's objects that are in the range.
   *
   * @param before the last key of the page before, with which some stores begin the next
   * @returns how many are kept
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

  /** Extends this range over the one after it, whose keys are read again. */
  takeOver(after: ListedRange): void {
    if (this.upTo !== undefined && this.at !== undefined && compareUtf8(this.at, this.upTo) > 0) {
      // This range left out what it read beyond its end.
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
