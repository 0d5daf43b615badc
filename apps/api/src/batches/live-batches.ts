import { isEnded, type BatchStatus } from "@darkroom/core";
import { FEED_START, type BatchEvent, type Bus, type ControlMessage, type Feed } from "@darkroom/ledger";
import { FeedCursor } from "../feed/feed-cursor.ts";
import type { EventStream } from "../http/event-stream.ts";

/** Interval between reads of a watched batch. */
const LOOK_EVERY_MS = 500;

export interface LiveDependencies {
  readonly bus: Bus;
  readonly feed: Pick<Feed["batches"], "read">;
  /** Undefined when the ledger no longer has the batch. */
  readonly read: (batchId: string) => Promise<BatchStatus | undefined>;
  readonly onError: (error: unknown) => void;
}

/** Watchers by batch. All watchers of a batch share one subscription and one ledger read. */
export class LiveBatches {
  readonly #dependencies: LiveDependencies;
  readonly #watched = new Map<string, WatchedBatch>();
  /** Includes ended batches whose readers have not yet received all events. */
  readonly #open = new Set<WatchedBatch>();
  #control: Promise<() => Promise<void>> | undefined;

  constructor(dependencies: LiveDependencies) {
    this.#dependencies = dependencies;
  }

  /** Number of watched batches. */
  get watched(): number {
    return this.#watched.size;
  }

  /**
   * Streams a batch's live events, and its feed's events after a position, to a reader. Ends with the batch or the
   * reader.
   *
   * @param status the current status
   * @param options.after position after which the reader continues; defaults to the newest event
   * @param options.follow false to close the stream after the stored events
   * @param options.keepsEnded true to keep the stream open after the batch's end
   */
  watch(
    status: BatchStatus,
    stream: EventStream,
    { after, follow = true, keepsEnded = false }: WatchOptions = {},
  ): void {
    const { feed, onError } = this.#dependencies;
    const from = after ?? status.lastEvent ?? FEED_START;
    const cursor = new FeedCursor(stream, (position, limit) => feed.read(status.id, position, limit), from);
    stream.state("batch", status);
    if (isEnded(status.state) && !(follow && keepsEnded)) {
      endAfter(cursor, stream, { end: () => stream.end("batch-end", status), onError });
    } else if (!follow) endAfter(cursor, stream, { end: () => stream.close(), onError });
    else (this.#watched.get(keyOf(status.id, keepsEnded)) ?? this.#start(status, keepsEnded)).add(stream, cursor);
  }

  #start(status: BatchStatus, keepsEnded: boolean): WatchedBatch {
    const key = keyOf(status.id, keepsEnded);
    const watched = new WatchedBatch(status, this.#dependencies, {
      keepsEnded,
      onEnd: () => {
        if (this.#watched.get(key) === watched) this.#watched.delete(key);
      },
      onClosed: () => void this.#open.delete(watched),
    });
    this.#watched.set(key, watched);
    this.#open.add(watched);
    this.#control ??= this.#listen();
    return watched;
  }

  /** Forwards events of a lane or a destination to the watchers of all its batches. */
  async #listen(): Promise<() => Promise<void>> {
    try {
      return await this.#dependencies.bus.onControl((message) => {
        for (const watched of this.#watched.values()) watched.takeControl(message);
      });
    } catch (error) {
      this.#dependencies.onError(error);
      this.#control = undefined;
      return () => Promise.resolve();
    }
  }

  /** Disconnects every reader. */
  close(): void {
    for (const watched of this.#open) watched.close();
    this.#control?.then((stop) => stop()).catch(this.#dependencies.onError);
    this.#control = undefined;
  }
}

/**
 * Ends a stream after the feed's events. If they cannot be read, only closes the stream, so that its reader reconnects.
 */
function endAfter(
  cursor: FeedCursor,
  stream: EventStream,
  { end, onError }: { readonly end: () => void; readonly onError: (error: unknown) => void },
): void {
  cursor.pump().then(end, (error: unknown) => {
    onError(error);
    stream.close();
  });
}

interface WatchOptions {
  readonly after?: string | undefined;
  readonly follow?: boolean;
  readonly keepsEnded?: boolean;
}

/** Readers that remain after a batch's end use a separate object. */
function keyOf(batchId: string, keepsEnded: boolean): string {
  return keepsEnded ? `${batchId} kept` : batchId;
}

interface WatchedBatchEvents {
  /** True if its readers remain after the batch's end. */
  readonly keepsEnded: boolean;
  /** Called when the batch has ended, or its last reader has disconnected. */
  readonly onEnd: () => void;
  /** Called when the last reader has disconnected. */
  readonly onClosed: () => void;
}

/** One watched batch. */
class WatchedBatch {
  readonly #batchId: string;
  readonly #lanes: readonly (string | undefined)[];
  readonly #destination: string;
  readonly #dependencies: LiveDependencies;
  readonly #events: WatchedBatchEvents;
  readonly #streams = new Map<EventStream, FeedCursor>();
  readonly #timer: NodeJS.Timeout;
  readonly #subscription: Promise<() => Promise<void>>;
  #told: string;
  #lastEvent: string | null;
  #looking = false;
  #closed = false;

  constructor(status: BatchStatus, dependencies: LiveDependencies, events: WatchedBatchEvents) {
    this.#batchId = status.id;
    this.#lanes = [status.lane, status.fallback?.lane];
    this.#destination = status.destination;
    this.#dependencies = dependencies;
    this.#events = events;
    this.#told = essence(status);
    this.#lastEvent = status.lastEvent;
    this.#subscription = dependencies.bus.onEvent(status.id, (event) => this.#pass(event));
    this.#subscription.catch(dependencies.onError);
    this.#timer = setInterval(() => {
      this.#look().catch(dependencies.onError);
    }, LOOK_EVERY_MS);
  }

  add(stream: EventStream, cursor: FeedCursor): void {
    this.#streams.set(stream, cursor);
    stream.onClose(() => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.close();
    });
    this.#pump(cursor);
  }

  #pump(cursor: FeedCursor): void {
    cursor.pump().catch((error: unknown) => {
      this.#dependencies.onError(error);
      // The next check reads it again.
      this.#lastEvent = null;
    });
  }

  #pass({ type, ...data }: BatchEvent): void {
    for (const stream of this.#streams.keys()) stream.offer(type, data);
  }

  /** Forwards events of the batch's lane or destination at once, followed by the batch's new state. */
  takeControl(message: ControlMessage): void {
    const isOurs =
      ("lane" in message && this.#lanes.includes(message.lane)) ||
      ("destination" in message && message.destination === this.#destination);
    if (!isOurs) return;
    const { type, ...data } = message;
    for (const stream of this.#streams.keys()) stream.offer(type, data);
    this.#look().catch(this.#dependencies.onError);
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    try {
      const status = await this.#dependencies.read(this.#batchId);
      if (status === undefined || (isEnded(status.state) && !this.#events.keepsEnded)) {
        this.#end(status);
        return;
      }
      if (status.lastEvent !== this.#lastEvent) {
        this.#lastEvent = status.lastEvent;
        for (const cursor of this.#streams.values()) this.#pump(cursor);
      }
      const now = essence(status);
      if (now === this.#told) return;
      this.#told = now;
      for (const stream of this.#streams.keys()) stream.state("batch", status);
    } finally {
      this.#looking = false;
    }
  }

  /** Each reader receives the rest of the feed first. The last reader to finish closes this object. */
  #end(status: BatchStatus | undefined): void {
    this.#stopLooking();
    for (const [stream, cursor] of this.#streams) {
      const end = (): void => stream.end("batch-end", status ?? null);
      endAfter(cursor, stream, { end, onError: this.#dependencies.onError });
    }
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    // A reader that connects from now on receives the end at once.
    this.#events.onEnd();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopLooking();
    this.#events.onClosed();
    for (const stream of this.#streams.keys()) stream.close();
    this.#subscription.then((unsubscribe) => unsubscribe()).catch(this.#dependencies.onError);
  }
}

/** Returns the fields whose change justifies a new `batch` event. A changed rate alone does not. */
function essence(status: BatchStatus): string {
  const { ratePerSecond: _, secondsLeft: __, ...rest } = status;
  return JSON.stringify(rest);
}
