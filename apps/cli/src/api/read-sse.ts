import type { Readable } from "node:stream";
import { createParser, type EventSourceMessage } from "eventsource-parser";

/**
 * Reads a stream of server-sent events.
 *
 * @param parse turns an event into a message; undefined skips the event
 */
export async function* readSse<Message>(
  body: Readable,
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
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    const ready = waiting;
    waiting = [];
    yield* ready;
  }
}
