import { setTimeout as sleep } from "node:timers/promises";
import type { BatchStatus } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";

/** Between two looks at a batch while a question about it is open. */
const LOOK_EVERY_MS = 1_000;

export interface OpenQuestion<T> {
  readonly signal: AbortSignal;
  /** Closes at the signal that it is given. */
  readonly question: (signal: AbortSignal) => Promise<T>;
  /** Whether the question is no more. Defaults to whether the batch has left the state that it is asked in. */
  readonly isMoved?: (now: BatchStatus) => boolean;
}

/**
 * Asks about a batch for as long as it stands as it is asked about.
 *
 * @param asked how the batch stands
 * @returns the answer; how the batch stands where it was moved first, and the question is closed
 */
export async function askUnlessMoved<T>(
  client: Pick<DarkroomClient, "status">,
  asked: BatchStatus,
  { signal, question, isMoved = ({ state }) => state !== asked.state }: OpenQuestion<T>,
): Promise<T | BatchStatus> {
  const closing = new AbortController();
  const either = AbortSignal.any([signal, closing.signal]);
  const moved = untilMoved(client, asked.id, isMoved, either).finally(() => closing.abort());
  const answer = await question(either).finally(() => closing.abort());
  return (await moved) ?? answer;
}

/** How the batch stands once it has moved; undefined at the signal. */
async function untilMoved(
  client: Pick<DarkroomClient, "status">,
  id: string,
  isMoved: (now: BatchStatus) => boolean,
  signal: AbortSignal,
): Promise<BatchStatus | undefined> {
  for (;;) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return undefined;
    // An API that is away for a moment closes no question.
    const now = await client.status(id).catch(() => undefined);
    if (signal.aborted) return undefined;
    if (now !== undefined && isMoved(now)) return now;
  }
}
