import type { FeedEvent } from "@darkroom/core";
import type { FeedPage } from "@darkroom/ledger";
import type { EventStream } from "../http/event-stream.ts";

/** Number of events per read, which bounds the memory per reader. */
const PAGE_EVENTS = 200;

/** Reads the events after a position. */
export type ReadFeed = (after: string, limit: number) => Promise<FeedPage>;

type FeedReader = Pick<EventStream, "deliver" | "place">;

/** One reader's position in a feed. Reads more events only as fast as the reader takes them. */
export class FeedCursor {
  readonly #stream: FeedReader;
  readonly #read: ReadFeed;
  readonly #wants: (event: FeedEvent) => boolean;
  #after: string;
  #pumping: Promise<void> | undefined;
  #isNews = false;

  /** @param wants selects the events that the reader gets; defaults to all events */
  constructor(stream: FeedReader, read: ReadFeed, after: string, wants: (event: FeedEvent) => boolean = () => true) {
    this.#stream = stream;
    this.#read = read;
    this.#wants = wants;
    this.#after = after;
    stream.place(after);
  }

  /** Sends new events. Resolves once the reader was sent all events that existed at the call, or has disconnected. */
  async pump(): Promise<void> {
    this.#isNews = true;
    this.#pumping ??= this.#sendNews().finally(() => (this.#pumping = undefined));
    await this.#pumping;
  }

  async #sendNews(): Promise<void> {
    while (this.#isNews) {
      this.#isNews = false;
      await this.#sendAll();
    }
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const { events, next, gap } = await this.#read(this.#after, PAGE_EVENTS);
      if (gap !== undefined) {
        const oldest = events.find(({ event }) => this.#wants(event))?.event.id ?? null;
        if (!(await this.#stream.deliver(undefined, "feed.gap", { reason: gap, after: this.#after, oldest }))) return;
      }
      for (const { position, event } of events) {
        if (this.#wants(event) && !(await this.#stream.deliver(position, event.type, event))) return;
        this.#after = position;
      }
      this.#after = next;
      if (events.length < PAGE_EVENTS) return;
    }
  }
}
