import { setTimeout as sleep } from "node:timers/promises";
import { ApiProblem, problemOf } from "./api-problem.ts";
import { keyHeaders, type ApiOptions } from "./client.ts";
import { readFeed, type FeedMessage } from "./read-feed.ts";

export interface FollowOptions extends ApiOptions {
  /** Only this batch's events. The feed then ends with the batch. */
  readonly batchId?: string | undefined;
  /** The position after which to continue. Defaults to all events that are kept. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Longest time without a connection, in ms. Defaults to {@link AWAY_MS}. */
  readonly awayMs?: number | undefined;
}

const AWAY_MS = 60_000;
const PAUSE_MS = 500;
/** Silence after which a stream counts as lost, in ms. The API sends something every 15 s. */
const SILENCE_MS = 45_000;

/**
 * Reads a feed and reconnects after lost connections. Yields each event once, in order.
 *
 * @throws the signal's reason; ApiProblem for a refused request; the last fault after `awayMs` without a connection
 */
export async function* followFeed(options: FollowOptions): AsyncGenerator<FeedMessage> {
  const { signal, awayMs = AWAY_MS } = options;
  let { after = "0" } = options;
  let awaySince: number | undefined;
  for (;;) {
    try {
      for await (const message of streamOnce({ ...options, after })) {
        awaySince = undefined;
        if (message.kind === "event") after = message.position;
        yield message;
        if (message.kind === "end") return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ApiProblem && !error.isPassing) throw error;
      awaySince ??= performance.now();
      if (performance.now() - awaySince > awayMs) throw error;
    }
    await sleep(PAUSE_MS, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** Reads one connection's messages. */
async function* streamOnce(options: FollowOptions & { readonly after: string }): AsyncGenerator<FeedMessage> {
  const { url, batchId, after, signal } = options;
  const path = batchId === undefined ? "/v1/events" : `/v1/batches/${encodeURIComponent(batchId)}/events`;
  const lost = new AbortController();
  const silence = setTimeout(() => lost.abort(new Error("the stream of events is silent")), SILENCE_MS);
  try {
    const response = await fetch(`${url}${path}?after=${encodeURIComponent(after)}`, {
      headers: { accept: "text/event-stream", ...keyHeaders(options) },
      signal: signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]),
    });
    if (!response.ok) throw await problemOf(response);
    if (response.body === null) return;
    yield* readFeed(noting(response.body, () => silence.refresh()));
  } finally {
    clearTimeout(silence);
    lost.abort();
  }
}

/** Calls a function for each chunk. */
async function* noting(body: AsyncIterable<Uint8Array>, note: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    note();
    yield chunk;
  }
}
