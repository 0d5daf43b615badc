import type { Readable } from "node:stream";
import { createParser } from "eventsource-parser";
import type { FeedEvent } from "@darkroom/core";

/** A message of a feed's stream. */
export type FeedMessage =
  /** `position` is the position after this event. */
  | { readonly kind: "event"; readonly position: string; readonly event: FeedEvent }
  /** Events before the next one may be missing. */
  | { readonly kind: "gap"; readonly reason: "trimmed" | "rewritten" }
  /** The batch has ended, and all of its events have been sent. */
  | { readonly kind: "end" };

/** Parses a stream of server-sent events. Skips live events. */
export async function* readFeed(body: Readable): AsyncGenerator<FeedMessage> {
  let waiting: FeedMessage[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      if (id !== undefined) waiting.push({ kind: "event", position: id, event: JSON.parse(data) as FeedEvent });
      else if (event === "feed.gap") waiting.push({ kind: "gap", reason: (JSON.parse(data) as GapData).reason });
      else if (event === "batch-end") waiting.push({ kind: "end" });
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    const ready = waiting;
    waiting = [];
    yield* ready;
  }
}

interface GapData {
  readonly reason: "trimmed" | "rewritten";
}
