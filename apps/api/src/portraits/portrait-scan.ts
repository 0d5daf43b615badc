import { SNAPSHOT_PART_ROWS } from "@darkroom/core";
import type { BatchRecord, Ledger } from "@darkroom/ledger";
import { foundPortrait, hasResult, type FoundPortrait } from "./found-portrait.ts";
import { matchesEnd, type PortraitFilter } from "./portrait-filter.ts";
import type { EndOf } from "./outcome-indexes.ts";

/** Portraits per read of the bitfield (4 KiB). */
const CHUNK = 8_192;
/** Limit of portraits scanned per request. */
const SCAN_LIMIT = 131_072;
/** Limit of snapshot parts opened per request. */
export const PARTS_LIMIT = 8;
/** The same limit for a search, which reads rows that it does not show. */
const SEARCHED_PARTS = 50;

export interface PortraitScan {
  readonly found: readonly FoundPortrait[];
  /** Cursor of the next page; undefined at the end. */
  readonly nextCursor: number | undefined;
}

export interface ScanOptions {
  readonly cursor: number;
  readonly limit: number;
  readonly filter: PortraitFilter;
  /** The portraits' outcomes, if the filter needs them. */
  readonly endOf?: EndOf | undefined;
  /** True if the portrait's row matches; absent without such a filter. */
  readonly matchesRow?: ((index: number) => Promise<boolean>) | undefined;
}

/**
 * Scans a batch's states from `cursor`. The work of each call is limited, so a page may be short or empty although
 * another page follows.
 */
export async function scanPortraits(
  ledger: Pick<Ledger, "states" | "reviews">,
  record: BatchRecord,
  { cursor, limit, filter, endOf, matchesRow }: ScanOptions,
): Promise<PortraitScan> {
  const { total } = record.counts;
  const { review } = filter;
  const mostParts = matchesRow === undefined ? PARTS_LIMIT : SEARCHED_PARTS;
  const end = Math.min(total, cursor + SCAN_LIMIT);
  const found: FoundPortrait[] = [];
  const parts = new Set<number>();
  const stopAt = (index: number): PortraitScan => ({ found, nextCursor: index < total ? index : undefined });
  for (let start = cursor - (cursor % 2); start < end; start += CHUNK) {
    const length = Math.min(CHUNK, end - start);
    const [states, reviews] = await Promise.all([
      ledger.states(record.spec.id, start, length),
      review === undefined ? [] : ledger.reviews.range(record.spec.id, start, length),
    ]);
    for (let offset = Math.max(0, cursor - start); offset < length; offset++) {
      const index = start + offset;
      const portrait = foundPortrait(record, index, states[offset] ?? "pending");
      if (!matchesEnd(portrait, filter, endOf)) continue;
      if (review !== undefined && !(hasResult(portrait) && review.includes(reviews[offset]?.state ?? "undecided")))
        continue;
      const part = Math.floor(index / SNAPSHOT_PART_ROWS);
      if (found.length >= limit || (parts.size >= mostParts && !parts.has(part))) return stopAt(index);
      parts.add(part);
      if (matchesRow !== undefined && !(await matchesRow(index))) continue;
      found.push(portrait);
    }
  }
  return stopAt(Math.max(end, cursor));
}
