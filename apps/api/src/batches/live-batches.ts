import { isEnded, type BatchStatus } from "@darkroom/core";
import type { BatchEvent, Bus, ControlMessage } from "@darkroom/ledger";
import type { EventStream } from "../http/event-stream.ts";

/** Interval between reads of a watched batch. */
const LOOK_EVERY_MS = 500;

export interface LiveDependencies {
  readonly bus: Bus;
  /** Undefined when the ledger no longer has the batch. */
  readonly read: (batchId: string) => Promise<BatchStatus | undefined>;
  readonly onError: (error: unknown) => void;
}

/** Watchers by batch. All watchers of a batch share one subscription and one ledger read. */
export class LiveBatches {
  readonly #dependencies: LiveDependencies;
  readonly #feeds = new Map<string, BatchFeed>();
  #control: Promise<() => Promise<void>> | undefined;

  constructor(dependencies: LiveDependencies) {
    this.#dependencies = dependencies;
  }

  /** Number of watched batches. */
  get watched(): number {
    return this.#feeds.size;
  }

  /** Streams a batch to a reader until either ends. `status` is the current one. */
  watch(status: BatchStatus, stream: EventStream): void {
    stream.state("batch", status);
    if (isEnded(status.state)) {
      stream.end("batch-end", status);
      return;
    }
    const feed = this.#feeds.get(status.id) ?? this.#open(status);
    feed.add(stream);
  }

  #open(status: BatchStatus): BatchFeed {
    const feed = new BatchFeed(status, this.#dependencies, () => {
      if (this.#feeds.get(status.id) === feed) this.#feeds.delete(status.id);
    });
    this.#feeds.set(status.id, feed);
    this.#control ??= this.#listen();
    return feed;
  }

  /** Forwards events of a lane or a destination to the watchers of all its batches. */
  async #listen(): Promise<() => Promise<void>> {
    try {
      return await this.#dependencies.bus.onControl((message) => {
        for (const feed of this.#feeds.values()) feed.takeControl(message);
      });
    } catch (error) {
      this.#dependencies.onError(error);
      this.#control = undefined;
      return () => Promise.resolve();
    }
  }

  /** Disconnects every reader. */
  close(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#control?.then((stop) => stop()).catch(this.#dependencies.onError);
    this.#control = undefined;
  }
}

/** One watched batch. */
class BatchFeed {
  readonly #batchId: string;
  readonly #lanes: readonly (string | undefined)[];
  readonly #destination: string;
  readonly #dependencies: LiveDependencies;
  readonly #onClosed: () => void;
  readonly #streams = new Set<EventStream>();
  readonly #timer: NodeJS.Timeout;
  readonly #subscription: Promise<() => Promise<void>>;
  #told: string;
  #looking = false;
  #closed = false;

  constructor(status: BatchStatus, dependencies: LiveDependencies, onClosed: () => void) {
    this.#batchId = status.id;
    this.#lanes = [status.lane, status.fallback?.lane];
    this.#destination = status.destination;
    this.#dependencies = dependencies;
    this.#onClosed = onClosed;
    this.#told = essence(status);
    this.#subscription = dependencies.bus.onEvent(status.id, (event) => this.#pass(event));
    this.#subscription.catch(dependencies.onError);
    this.#timer = setInterval(() => {
      this.#look().catch(dependencies.onError);
    }, LOOK_EVERY_MS);
  }

  add(stream: EventStream): void {
    this.#streams.add(stream);
    stream.onClose(() => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.close();
    });
  }

  #pass({ type, ...data }: BatchEvent): void {
    for (const stream of this.#streams) stream.offer(type, data);
  }

  /** Forwards events of the batch's lane or destination at once, followed by the batch's new state. */
  takeControl(message: ControlMessage): void {
    const isOurs =
      ("lane" in message && this.#lanes.includes(message.lane)) ||
      ("destination" in message && message.destination === this.#destination);
    if (!isOurs) return;
    const { type, ...data } = message;
    for (const stream of this.#streams) stream.offer(type, data);
    this.#look().catch(this.#dependencies.onError);
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    try {
      const status = await this.#dependencies.read(this.#batchId);
      if (status === undefined || isEnded(status.state)) {
        for (const stream of this.#streams) stream.end("batch-end", status ?? null);
        this.close();
        return;
      }
      const now = essence(status);
      if (now === this.#told) return;
      this.#told = now;
      for (const stream of this.#streams) stream.state("batch", status);
    } finally {
      this.#looking = false;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#onClosed();
    for (const stream of this.#streams) stream.close();
    this.#subscription.then((unsubscribe) => unsubscribe()).catch(this.#dependencies.onError);
  }
}

/** Returns the fields whose change justifies a new `batch` event. A changed rate alone does not. */
function essence(status: BatchStatus): string {
  const { ratePerSecond: _, secondsLeft: __, ...rest } = status;
  return JSON.stringify(rest);
}
