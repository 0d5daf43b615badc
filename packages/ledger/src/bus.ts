import type { Blocked, DestinationFault, WaitReason } from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "./keys.ts";

/** A message to every process of a deployment. Best effort, so listeners also poll periodically. */
export type ControlMessage =
  | {
      readonly type: "batch-created" | "batch-paused" | "batch-resumed" | "batch-cancelled";
      readonly batch: string;
    }
  | { readonly type: "schedule-changed"; readonly schedule: string }
  | LaneMessage
  | DestinationMessage;

/** A lane was blocked or unblocked. Also sent to clients that watch its batches. */
type LaneMessage =
  | {
      readonly type: "lane-blocked";
      readonly lane: string;
      readonly reason: Blocked["reason"];
      readonly message: string;
    }
  | { readonly type: "lane-unblocked"; readonly lane: string };

/** A destination refuses writes, or accepts them again. Also sent to clients that watch its batches. */
type DestinationMessage =
  | {
      readonly type: "destination-blocked";
      /** Store URL. */
      readonly destination: string;
      /** The refused folder below the destination; empty for the whole destination. */
      readonly folder: string;
      readonly reason: DestinationFault;
      readonly message: string;
    }
  | { readonly type: "destination-unblocked"; readonly destination: string; readonly folder: string };

/** An event for clients that watch one batch. */
export type BatchEvent =
  /** The batch failed over to its fallback. */
  | { readonly type: "batch-diverted"; readonly lane: string }
  | { readonly type: "portrait-start"; readonly index: number }
  | { readonly type: "portrait-progress"; readonly index: number; readonly message: string; readonly percent?: number }
  /** The portrait was delayed. */
  | {
      readonly type: "portrait-retry";
      readonly index: number;
      readonly reason: WaitReason;
      readonly message: string;
      readonly delayMs: number;
      /** ISO 8601, Redis' clock. */
      readonly nextLookAt: string;
    }
  | { readonly type: "portrait-end"; readonly index: number; readonly outcome: string; readonly message: string };

/** After an event without listeners, a batch's events are suppressed for this long, in ms. */
export const UNHEARD_FOR_MS = 1_000;
/** Maximum number of batches remembered as unwatched. */
export const MOST_UNWATCHED = 1_000;

/** Redis pub/sub for control messages and live events. Listening needs a separate connection. */
export class Bus {
  readonly #publisher: RedisConnection;
  readonly #subscriber: RedisConnection;
  readonly #shared: ReturnType<typeof sharedKeys>;
  readonly #unwatched = new Map<string, number>();
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

  /**
   * Notifies the producers that a lane's prefetch runs low. Uses a separate channel, because a thousand workers need
   * not receive nudges.
   */
  async nudge(lane: string): Promise<void> {
    await this.#publisher.publish(this.#shared.nudges, lane);
  }

  async onNudge(listener: (lane: string) => void): Promise<() => Promise<void>> {
    return await this.#listen(this.#shared.nudges, listener);
  }

  /**
   * Sends an event to clients that watch a batch. Sends nothing if the last event had no listeners, so that an
   * unwatched batch of a million portraits costs no messages.
   *
   * @returns the number of receivers known to the publisher's Redis node
   */
  async event(batchId: string, event: BatchEvent): Promise<number> {
    const now = performance.now();
    if ((this.#unwatched.get(batchId) ?? 0) > now) return 0;
    const heard = await this.#publisher.publish(this.#shared.events(batchId), JSON.stringify(event));
    // A cluster node counts only its own listeners.
    if (heard === 0 && !this.#publisher.isCluster) {
      if (this.#unwatched.size >= MOST_UNWATCHED) this.#unwatched.clear();
      this.#unwatched.set(batchId, now + UNHEARD_FOR_MS);
    }
    return heard;
  }

  async onEvent(batchId: string, listener: (event: BatchEvent) => void): Promise<() => Promise<void>> {
    return await this.#listen(this.#shared.events(batchId), (payload) => listener(JSON.parse(payload) as BatchEvent));
  }

  /** Calls the listener when the deployment's feed gets new events. */
  async onFeed(listener: () => void): Promise<() => Promise<void>> {
    return await this.#listen(this.#shared.feed.channel, listener);
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
