import type { RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "./keys.ts";

/** What is told to every process of a deployment. Best effort: whoever listens also looks from time to time. */
export type ControlMessage =
  | { readonly type: "batch-created" | "batch-paused" | "batch-resumed" | "batch-cancelled"; readonly batch: string }
  /** A lane's window runs low. */
  | { readonly type: "lane-nudge"; readonly lane: string };

/** What a watcher of one batch is told. */
export type BatchEvent =
  | { readonly type: "portrait-start"; readonly index: number }
  | { readonly type: "portrait-progress"; readonly index: number; readonly message: string; readonly percent?: number }
  | { readonly type: "portrait-retry"; readonly index: number; readonly message: string; readonly delayMs: number }
  | { readonly type: "portrait-end"; readonly index: number; readonly outcome: string; readonly message: string };

/** Redis pub/sub for control messages and live events. Needs a connection of its own to listen on. */
export class Bus {
  readonly #publisher: RedisConnection;
  readonly #subscriber: RedisConnection;
  readonly #shared: ReturnType<typeof sharedKeys>;
  readonly #listeners = new Map<string, Set<(payload: string) => void>>();

  constructor(publisher: RedisConnection, subscriber: RedisConnection, namespace: string) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#shared = sharedKeys(namespace);
    subscriber.on("message", (channel: string, payload: string) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(payload);
    });
  }

  async tell(message: ControlMessage): Promise<void> {
    await this.#publisher.publish(this.#shared.control, JSON.stringify(message));
  }

  async onControl(listener: (message: ControlMessage) => void): Promise<() => Promise<void>> {
    return await this.#listen(this.#shared.control, (payload) => listener(JSON.parse(payload) as ControlMessage));
  }

  /** Returns how many watchers there are on this connection's Redis. */
  async event(batchId: string, event: BatchEvent): Promise<number> {
    return await this.#publisher.publish(this.#shared.events(batchId), JSON.stringify(event));
  }

  async onEvent(batchId: string, listener: (event: BatchEvent) => void): Promise<() => Promise<void>> {
    return await this.#listen(this.#shared.events(batchId), (payload) => listener(JSON.parse(payload) as BatchEvent));
  }

  async #listen(channel: string, listener: (payload: string) => void): Promise<() => Promise<void>> {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners);
    listeners.add(listener);
    if (listeners.size === 1) await this.#subscriber.subscribe(channel);
    return async () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(channel) !== listeners) return;
      this.#listeners.delete(channel);
      await this.#subscriber.unsubscribe(channel);
    };
  }
}
