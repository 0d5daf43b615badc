import type { Readable } from "node:stream";
import type { FeedEvent } from "@darkroom/core";
import { readSse } from "./read-sse.ts";

/** A message of a feed's stream. */
export type FeedMessage =
  /** `position` is the position after this event. */
  | { readonly kind: "event"; readonly position: string; readonly event: FeedEvent }
  /** Events before the next one may be missing. */
  | { readonly kind: "gap"; readonly reason: "trimmed" | "rewritten" }
  /** The batch has ended, and all of its events have been sent. */
  | { readonly kind: "end" };

/** Parses a stream of server-sent events. Skips live events. */
export function readFeed(body: Readable): AsyncGenerator<FeedMessage> {
  return readSse(body, ({ id, event, data }): FeedMessage | undefined => {
    if (id !== undefined) return { kind: "event", position: id, event: JSON.parse(data) as FeedEvent };
    if (event === "feed.gap") return { kind: "gap", reason: (JSON.parse(data) as GapData).reason };
    return event === "batch-end" ? { kind: "end" } : undefined;
  });
}

interface GapData {
  readonly reason: "trimmed" | "rewritten";
}
