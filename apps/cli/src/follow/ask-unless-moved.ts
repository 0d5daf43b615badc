import { setTimeout as sleep } from "node:timers/promises";
import type { BatchStatus } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";

/** Interval between polls of a batch while a question about it is open. */
const LOOK_EVERY_MS = 1_000;

export interface OpenQuestion<T> {
  readonly signal: AbortSignal;
  /** The question; must settle when the given signal aborts. */
  readonly question: (signal: AbortSignal) => Promise<T>;
  /**
   * Returns true when the question is obsolete. By default, when the batch has left the state in which the question was
   * asked.
   */
  readonly isMoved?: (now: BatchStatus) => boolean;
}

/**
 * Asks about a batch while its state is unchanged.
 *
 * @param asked the batch when the question was asked
 * @returns the answer, or the batch's new state if that closed the question first
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

/** Resolves to the batch's new state once it has changed; undefined when aborted. */
async function untilMoved(
  client: Pick<DarkroomClient, "status">,
  id: string,
  isMoved: (now: BatchStatus) => boolean,
  signal: AbortSignal,
): Promise<BatchStatus | undefined> {
  for (;;) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return undefined;
    // A brief outage of the API does not close the question.
    const now = await client.status(id).catch(() => undefined);
    if (signal.aborted) return undefined;
    if (now !== undefined && isMoved(now)) return now;
  }
}
