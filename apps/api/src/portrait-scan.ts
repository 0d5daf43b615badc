import { SNAPSHOT_PART_ROWS, type PortraitState } from "@darkroom/core";
import type { BatchRecord, Ledger } from "@darkroom/ledger";

/** Portraits whose states one read fetches: 4 KiB. */
const CHUNK = 8_192;
/** Portraits that one request looks at, at most. */
const SCAN_LIMIT = 131_072;
/** Snapshot parts that one request opens, at most. */
export const PARTS_LIMIT = 8;

export interface FoundPortrait {
  readonly index: number;
  /** As the world sees it: what a cancelled batch never started is cancelled. */
  readonly state: PortraitState;
  /** Cancelled before anything was tried. */
  readonly neverStarted: boolean;
}

export interface PortraitScan {
  readonly found: readonly FoundPortrait[];
  /** Where to go on; undefined at the end of what there is. */
  readonly nextCursor: number | undefined;
}

export interface ScanOptions {
  readonly cursor: number;
  readonly limit: number;
  readonly state?: PortraitState | undefined;
}

/**
 * Looks through a batch's states from `cursor` on. The work of one call is bounded: a page may be short, or empty, and
 * still have a next one.
 */
export async function scanPortraits(
  ledger: Pick<Ledger, "states">,
  record: BatchRecord,
  { cursor, limit, state }: ScanOptions,
): Promise<PortraitScan> {
  const { total } = record.counts;
  const end = Math.min(total, cursor + SCAN_LIMIT);
  const found: FoundPortrait[] = [];
  const parts = new Set<number>();
  const stopAt = (index: number): PortraitScan => ({ found, nextCursor: index < total ? index : undefined });
  for (let start = cursor - (cursor % 2); start < end; start += CHUNK) {
    const length = Math.min(CHUNK, end - start);
    const states = await ledger.states(record.spec.id, start, length);
    for (let offset = Math.max(0, cursor - start); offset < length; offset++) {
      const index = start + offset;
      const portrait = foundPortrait(record, index, states[offset] ?? "pending");
      if (state !== undefined && portrait.state !== state) continue;
      const part = Math.floor(index / SNAPSHOT_PART_ROWS);
      if (found.length >= limit || (parts.size >= PARTS_LIMIT && !parts.has(part))) return stopAt(index);
      parts.add(part);
      found.push(portrait);
    }
  }
  return stopAt(Math.max(end, cursor));
}

/** A portrait with the state that the ledger's bitfield has. */
export function foundPortrait(
  record: Pick<BatchRecord, "cancelled">,
  index: number,
  stored: PortraitState,
): FoundPortrait {
  const neverStarted = record.cancelled && stored === "pending";
  return { index, state: neverStarted ? "cancelled" : stored, neverStarted };
}
