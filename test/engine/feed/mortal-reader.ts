import { setTimeout as sleep } from "node:timers/promises";
import type { FeedEvent } from "@darkroom/core";
import { between, type Random } from "../chaos/random.ts";

export interface MortalReader {
  readonly path: string;
  /** The events in order of arrival, including repeated ones. */
  readonly events: readonly FeedEvent[];
  /** Number of gaps reported to the reader. */
  readonly gaps: () => number;
  /** Number of connections. */
  readonly lives: () => number;
  stop(): Promise<void>;
}

const LIFE_MS = [20, 700] as const;
const PAUSE_MS = [1, 150] as const;

/**
 * Starts a reader of a stream of server-sent events. The reader closes its connection at random times, and reconnects
 * with the id of the last complete event.
 *
 * @param url URL of the API, which may be stopped and restarted
 */
export function startReader(url: string, path: string, random: Random): MortalReader {
  const events: FeedEvent[] = [];
  const stopping = new AbortController();
  let lastId = "0";
  let gaps = 0;
  let lives = 0;

  function take(frame: string): void {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, "m").exec(frame)?.[1];
    lastId = field("id") ?? lastId;
    if (field("event") === "feed.gap") gaps += 1;
    if (field("id") !== undefined && field("data") !== undefined)
      events.push(JSON.parse(field("data") ?? "") as FeedEvent);
  }

  async function live(): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(between(random, LIFE_MS))]);
    const headers = { "last-event-id": lastId };
    const { status, body } = await fetch(`${url}${path}`, { headers, signal });
    if (status !== 200 || body === null) throw new Error(`answers ${status}`);
    lives += 1;
    let rest = "";
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + chunk).split("\n\n");
      rest = frames.pop() ?? "";
      frames.forEach(take);
    }
  }

  const reading = (async () => {
    while (!stopping.signal.aborted) {
      await live().catch(() => undefined);
      await sleep(between(random, PAUSE_MS));
    }
  })();
  return {
    path,
    events,
    gaps: () => gaps,
    lives: () => lives,
    stop: async () => {
      stopping.abort();
      await reading;
    },
  };
}
