import { protocolMs, type FeedEvent } from "@darkroom/core";
import type { Bus, Feed } from "@darkroom/ledger";
import type { EventStream } from "../http/event-stream.ts";
import { FeedCursor } from "./feed-cursor.ts";

/** Interval at which readers also check for events without a message, because messages can be lost. */
const LOOK_EVERY_MS = protocolMs(2_000);

export interface LiveFeedDependencies {
  readonly feed: Pick<Feed, "read">;
  readonly bus: Pick<Bus, "onFeed">;
  readonly onError: (error: unknown) => void;
}

/** The readers of the deployment's feed. All readers share one subscription. Without readers, the feed is not read. */
export class LiveFeed {
  readonly #dependencies: LiveFeedDependencies;
  readonly #readers = new Map<EventStream, FeedCursor>();
  #listening: { readonly timer: NodeJS.Timeout; readonly subscription: Promise<() => Promise<void>> } | undefined;

  constructor(dependencies: LiveFeedDependencies) {
    this.#dependencies = dependencies;
  }

  /** Number of readers. */
  get readers(): number {
    return this.#readers.size;
  }

  /**
   * Streams the events after a position.
   *
   * @param follow false to close the stream after the stored events
   * @param tenant owner of the events; defaults to all tenants
   */
  watch(stream: EventStream, after: string, follow: boolean, tenant?: string): void {
    const { feed, onError } = this.#dependencies;
    const wants = (event: FeedEvent): boolean => tenant === undefined || event.tenant === tenant;
    const cursor = new FeedCursor(stream, (from, limit) => feed.read(from, limit), after, wants);
    this.#readers.set(stream, cursor);
    stream.onClose(() => {
      this.#readers.delete(stream);
      if (this.#readers.size === 0) this.#rest();
    });
    if (follow) this.#listening ??= this.#listen();
    const sent = cursor.pump();
    if (follow) sent.catch(onError);
    // A failed read also closes the stream. The reader then reconnects at its last position.
    else sent.catch(onError).finally(() => stream.close());
  }

  #listen() {
    const { bus, onError } = this.#dependencies;
    const pumpAll = (): void => {
      for (const cursor of this.#readers.values()) cursor.pump().catch(onError);
    };
    const subscription = bus.onFeed(pumpAll);
    // Events may have been added before the subscription began.
    subscription.then(pumpAll).catch(onError);
    return { timer: setInterval(pumpAll, LOOK_EVERY_MS), subscription };
  }

  #rest(): void {
    const listening = this.#listening;
    this.#listening = undefined;
    if (listening === undefined) return;
    clearInterval(listening.timer);
    listening.subscription.then((unsubscribe) => unsubscribe()).catch(this.#dependencies.onError);
  }

  /** Disconnects every reader. */
  close(): void {
    for (const stream of this.#readers.keys()) stream.close();
    this.#rest();
  }
}
