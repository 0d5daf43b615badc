import { formatOfKey } from "@darkroom/core";
import { answerBytes, type MemoryBudget } from "@darkroom/imaging";
import { MOST_RESULT_BYTES } from "@darkroom/web-fetch";
import type { Prepared } from "../prepare/prepared.ts";

const MEBIBYTE = 1_024 * 1_024;
/** Minimum memory reserved for a result. */
const LEAST_ROOM_BYTES = MEBIBYTE;
/** Expected size of a result whose source is gone. */
const UNKNOWN_ROOM_BYTES = 16 * MEBIBYTE;
/** Limit for a result without a content length. */
export const MOST_UNTOLD_BYTES = 48 * MEBIBYTE;
/** Peak memory of a read as a multiple of the body: the chunks and then the joined buffer. */
const READING_FACTOR = 2;

/** Thrown when a result exceeds its reserved memory. The portrait's store step restarts with a larger reservation. */
export class NeedsRoom extends Error {
  readonly roomBytes: number;

  constructor(roomBytes: number) {
    super(`a result needs ${roomBytes} bytes`);
    this.roomBytes = roomBytes;
  }
}

/** The initial reservation for each result: the largest expected size for a photo like the one sent. */
export function expectedBytes({ source, row }: Pick<Prepared, "source" | "row">): number {
  if (source === undefined) return UNKNOWN_ROOM_BYTES;
  const format = formatOfKey(row.destination) === "png" ? "png" : "jpeg";
  return Math.min(MOST_RESULT_BYTES, Math.max(LEAST_ROOM_BYTES, answerBytes(source.probe, 0, format)));
}

/**
 * The reservation for a result that exceeded its first one.
 *
 * @param sizeBytes content length; undefined if unknown
 * @returns undefined when the result exceeds the maximum size
 */
export function largerRoom(roomBytes: number, sizeBytes: number | undefined): number | undefined {
  if (sizeBytes !== undefined) return sizeBytes <= MOST_RESULT_BYTES ? Math.max(roomBytes, sizeBytes) : undefined;
  return roomBytes < MOST_UNTOLD_BYTES ? MOST_UNTOLD_BYTES : undefined;
}

/** Explains why a result is too large. */
export function tooLargeMessage(sizeBytes: number | undefined): string {
  const most = (sizeBytes === undefined ? MOST_UNTOLD_BYTES : MOST_RESULT_BYTES) / MEBIBYTE;
  return sizeBytes === undefined
    ? `the provider's result has no declared length and exceeds the limit of ${most} MiB for such results`
    : `the provider's result has ${Math.ceil(sizeBytes / MEBIBYTE)} MiB, more than the limit of ${most} MiB`;
}

/**
 * Runs `work` with memory reserved for one fetched result at a time, and again with a larger reservation after {@link
 * NeedsRoom}. A portrait always acquires budgets in the order `answerMemory`, `resultMemory`, `storing`,
 * `pictureMemory`, so that portraits cannot deadlock.
 */
export async function withResultRoom<T>(
  resultMemory: MemoryBudget,
  firstBytes: number,
  signal: AbortSignal,
  work: (roomBytes: number) => Promise<T>,
): Promise<T> {
  let roomBytes = firstBytes;
  for (;;) {
    const room = roomBytes;
    try {
      return await resultMemory.use(READING_FACTOR * room, () => work(room), signal);
    } catch (error) {
      if (!(error instanceof NeedsRoom) || error.roomBytes <= room) throw error;
      roomBytes = error.roomBytes;
    }
  }
}
