import { formatOfKey } from "@darkroom/core";
import { answerBytes, type MemoryBudget } from "@darkroom/imaging";
import { MOST_RESULT_BYTES } from "@darkroom/web-fetch";
import type { Prepared } from "../prepare/prepare.ts";

const MEBIBYTE = 1_024 * 1_024;
/** Whatever was sent, a result may be so large. */
const LEAST_ROOM_BYTES = MEBIBYTE;
/** What is expected of a result whose source has gone. */
const UNKNOWN_ROOM_BYTES = 16 * MEBIBYTE;
/** A result whose length nobody tells is cut at this. */
export const MOST_UNTOLD_BYTES = 48 * MEBIBYTE;
/** A body that is read holds its pieces and then the whole. */
const READING_FACTOR = 2;

/** Thrown where a result does not fit into what is set aside for it: the portrait begins to store anew with more. */
export class NeedsRoom extends Error {
  readonly roomBytes: number;

  constructor(roomBytes: number) {
    super(`a result needs ${roomBytes} bytes`);
    this.roomBytes = roomBytes;
  }
}

/** What is set aside for each result of a portrait at first: as much as a picture like the one that was sent may take. */
export function expectedBytes({ source, row }: Pick<Prepared, "source" | "row">): number {
  if (source === undefined) return UNKNOWN_ROOM_BYTES;
  const format = formatOfKey(row.destination) === "png" ? "png" : "jpeg";
  return Math.min(MOST_RESULT_BYTES, Math.max(LEAST_ROOM_BYTES, answerBytes(source.probe, 0, format)));
}

/**
 * What to set aside for a result that is larger than what was.
 *
 * @param sizeBytes what its server tells; undefined where it tells nothing
 * @returns undefined where it is larger than any result may be
 */
export function largerRoom(roomBytes: number, sizeBytes: number | undefined): number | undefined {
  if (sizeBytes !== undefined) return sizeBytes <= MOST_RESULT_BYTES ? Math.max(roomBytes, sizeBytes) : undefined;
  return roomBytes < MOST_UNTOLD_BYTES ? MOST_UNTOLD_BYTES : undefined;
}

/** Why a result is not taken. */
export function tooLargeMessage(sizeBytes: number | undefined): string {
  const most = (sizeBytes === undefined ? MOST_UNTOLD_BYTES : MOST_RESULT_BYTES) / MEBIBYTE;
  return sizeBytes === undefined
    ? `the provider's result comes without a length and has more than the ${most} MiB that are read of such a one`
    : `the provider's result has ${Math.ceil(sizeBytes / MEBIBYTE)} MiB, and at most ${most} MiB are read`;
}

/**
 * Runs `work` with room in memory for each result that it fetches, one at a time, and again with more where one
 * {@link NeedsRoom}. Budgets are entered in one order, so that no two portraits wait for each other: `answerMemory`,
 * `resultMemory`, `storing`, `pictureMemory`.
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
