import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { FeedEvent } from "./schema.ts";

/** A message of a feed's stream. `Event` may narrow the events by their type. */
export type FeedMessage<Event = FeedEvent> =
  /** `position` is the position after this event. */
  | { readonly kind: "event"; readonly position: string; readonly event: Event }
  /** Events before the next one may be missing. */
  | { readonly kind: "gap"; readonly reason: "trimmed" | "rewritten" }
  /** The batch has ended, and all of its events have been sent. */
  | { readonly kind: "end" };

/** Parses a feed's stream of server-sent events. Skips live events, which a batch's stream also has. */
export function readFeed<Event = FeedEvent>(body: AsyncIterable<Uint8Array>): AsyncGenerator<FeedMessage<Event>> {
  return readSse(body, ({ id, event, data }): FeedMessage<Event> | undefined => {
    if (id !== undefined) return { kind: "event", position: id, event: JSON.parse(data) as Event };
    if (event === "feed.gap") return { kind: "gap", reason: (JSON.parse(data) as GapData).reason };
    return event === "batch-end" ? { kind: "end" } : undefined;
  });
}

interface GapData {
  readonly reason: "trimmed" | "rewritten";
}

/**
 * Reads a stream of server-sent events.
 *
 * @param parse turns an event into a message; undefined skips the event
 */
export async function* readSse<Message>(
  body: AsyncIterable<Uint8Array>,
  parse: (event: EventSourceMessage) => Message | undefined,
): AsyncGenerator<Message> {
  let waiting: Message[] = [];
  const parser = createParser({
    onEvent: (event) => {
      const message = parse(event);
      if (message !== undefined) waiting.push(message);
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    const ready = waiting;
    waiting = [];
    yield* ready;
  }
}
