import { setTimeout as sleep } from "node:timers/promises";
import { isDarkroomError, type FeedEvent } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import type { FeedMessage } from "@darkroom/client";
import { CommandError, EXIT } from "../exit-codes.ts";

export interface FollowedFeed {
  readonly client: Pick<DarkroomClient, "feed">;
  /** Only this batch's events. */
  readonly batchId?: string | undefined;
  /** A position, or `0` for all stored events. */
  readonly after: string;
  /** False to end after the stored events. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** Maximum time without a connection to the API, in ms. Defaults to {@link AWAY_MS}. */
  readonly awayMs?: number;
}

const AWAY_MS = 60_000;
const PAUSE_MS = 500;

/**
 * Reads a feed and reconnects after lost connections. Yields each event once. Ends with the batch, or after the stored
 * events.
 *
 * @throws the signal's reason; CommandError with exit code 5 when the API remains unreachable; the error of a refused
 *   request
 */
export async function* followFeed(options: FollowedFeed): AsyncGenerator<FeedMessage<FeedEvent>> {
  const { client, batchId, follow, signal, awayMs = AWAY_MS } = options;
  let { after } = options;
  let awaySince: number | undefined;
  for (;;) {
    try {
      for await (const message of client.feed({ batchId, after, follow, signal })) {
        awaySince = undefined;
        if (message.kind === "event") after = message.position;
        yield message;
        if (message.kind === "end") return;
      }
      if (!follow) return;
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      const now = performance.now();
      awaySince ??= now;
      if (now - awaySince > awayMs) throw error;
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** True for a broken stream or a restarting API, but not for a definite refusal by the API. */
function isPassing(error: unknown): boolean {
  if (error instanceof CommandError) return error.exitCode === EXIT.unreachable;
  return isDarkroomError(error) ? error.retryable : true;
}
