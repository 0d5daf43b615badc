import { SNAPSHOT_PART_ROWS, type PortraitState, type ReviewState } from "@darkroom/core";
import type { BatchRecord, Ledger } from "@darkroom/ledger";

/** Portraits per read of the bitfield (4 KiB). */
const CHUNK = 8_192;
/** Limit of portraits scanned per request. */
const SCAN_LIMIT = 131_072;
/** Limit of snapshot parts opened per request. */
export const PARTS_LIMIT = 8;

export interface FoundPortrait {
  readonly index: number;
  /** The shown state. Portraits that a cancelled batch never started count as cancelled. */
  readonly state: PortraitState;
  /** Cancelled before any attempt. */
  readonly neverStarted: boolean;
}

export interface PortraitScan {
  readonly found: readonly FoundPortrait[];
  /** Cursor of the next page; undefined at the end. */
  readonly nextCursor: number | undefined;
}

export interface ScanOptions {
  readonly cursor: number;
  readonly limit: number;
  readonly state?: PortraitState | undefined;
  /** Only portraits with a result and this decision. */
  readonly review?: ReviewState | undefined;
}

/**
 * Scans a batch's states from `cursor`. The work of each call is limited, so a page may be short or empty although
 * another page follows.
 */
export async function scanPortraits(
  ledger: Pick<Ledger, "states" | "reviews">,
  record: BatchRecord,
  { cursor, limit, state, review }: ScanOptions,
): Promise<PortraitScan> {
  const { total } = record.counts;
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
      if (state !== undefined && portrait.state !== state) continue;
      if (review !== undefined && !(hasResult(portrait) && reviews[offset]?.state === review)) continue;
      const part = Math.floor(index / SNAPSHOT_PART_ROWS);
      if (found.length >= limit || (parts.size >= PARTS_LIMIT && !parts.has(part))) return stopAt(index);
      parts.add(part);
      found.push(portrait);
    }
  }
  return stopAt(Math.max(end, cursor));
}

/** True for a portrait that people can decide about. */
export function hasResult({ state }: Pick<FoundPortrait, "state">): boolean {
  return state === "succeeded" || state === "skipped";
}

/** Returns a portrait with its state from the ledger's bitfield. */
export function foundPortrait(
  record: Pick<BatchRecord, "cancelled">,
  index: number,
  stored: PortraitState,
): FoundPortrait {
  const neverStarted = record.cancelled && stored === "pending";
  return { index, state: neverStarted ? "cancelled" : stored, neverStarted };
}
