import { protocolMs } from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { sharedKeys } from "../keys.ts";

/** Interval at which a worker sends a heartbeat and reads the others. */
export const BEAT_MS = protocolMs(2_000);
/** A worker whose counter does not change for this long, while Redis responds, is dead. */
export const DEAD_AFTER_MS = protocolMs(12_000);
/**
 * Above this number of other workers, each is read only at every third beat, because the cost of reading all of them
 * grows with the square of their number.
 */
export const MANY_BEATING = 30;
export const BEATS_A_LOOK = 3;
/**
 * A longer time between two answered beats indicates a pause of Redis or of this process, during which silence proves
 * nothing.
 */
const GAP_MS = BEAT_MS * 3;

/**
 * Detects dead workers. Each worker increments its counter in one hash. Each observer judges by its own clock, from
 * beats that it has read itself, and counts only time in which Redis responded. Unlike a key with an expiry, a frozen
 * Redis or observer therefore declares no worker dead.
 */
export class WorkerHeartbeats {
  readonly workerId: string;
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #now: () => number;
  readonly #seen = new Map<string, { beat: string; stillForMs: number }>();
  #stillUnknownMs = new Map<string, number>();
  #lastBeat: number | undefined;
  /** Time since the last gap, during which Redis answered every beat. */
  #provenMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #beats = 0;

  /** @param now a monotonic clock, in ms */
  constructor(redis: RedisConnection, namespace: string, now: () => number = () => performance.now()) {
    this.workerId = `${hostname().slice(0, 40)}-${process.pid}-${randomUUID().slice(0, 8)}`;
    this.#redis = redis;
    this.#key = sharedKeys(namespace).workers;
    this.#now = now;
  }

  /** Starts sending and watching heartbeats. */
  async start(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => {
      this.look().catch(() => undefined);
    }, BEAT_MS);
  }

  /** Sends one beat and reads the others. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.#redis.hincrby(this.#key, this.workerId, 1);
      this.#answered();
      this.#beats += 1;
      if (this.#seen.size > MANY_BEATING && this.#beats % BEATS_A_LOOK !== 0) return;
      const beats = await this.#redis.hgetall(this.#key);
      this.#observe(beats);
    } finally {
      this.#looking = false;
    }
  }

  #answered(): void {
    const now = this.#now();
    const sinceMs = this.#lastBeat === undefined ? 0 : now - this.#lastBeat;
    this.#lastBeat = now;
    if (sinceMs <= GAP_MS) this.#provenMs += sinceMs;
  }

  #observe(beats: Readonly<Record<string, string>>): void {
    const provenMs = this.#provenMs;
    this.#provenMs = 0;
    for (const [id, beat] of Object.entries(beats)) {
      const before = this.#seen.get(id);
      const stillForMs = before !== undefined && before.beat === beat ? before.stillForMs + provenMs : 0;
      this.#seen.set(id, { beat, stillForMs });
    }
    for (const id of this.#seen.keys()) if (!Object.hasOwn(beats, id)) this.#seen.delete(id);
    for (const [id, ms] of this.#stillUnknownMs) {
      if (this.#seen.has(id)) this.#stillUnknownMs.delete(id);
      else this.#stillUnknownMs.set(id, ms + provenMs);
    }
  }

  /**
   * True if no heartbeat has been seen for the full timeout. For an unknown id, the timeout starts at the first query.
   */
  isDead(workerId: string): boolean {
    if (workerId === this.workerId) return false;
    const seen = this.#seen.get(workerId);
    if (seen !== undefined) return seen.stillForMs >= DEAD_AFTER_MS;
    const unknownMs = this.#stillUnknownMs.get(workerId) ?? 0;
    this.#stillUnknownMs.set(workerId, unknownMs);
    return unknownMs >= DEAD_AFTER_MS;
  }

  /** Forgets workers that have been dead for long. */
  async prune(): Promise<void> {
    for (const [id, { stillForMs }] of this.#seen) {
      if (stillForMs > 100 * DEAD_AFTER_MS) await this.#redis.hdel(this.#key, id);
    }
  }

  /** Stops sending heartbeats. `leaving` announces that the worker holds no more claims. */
  async stop(leaving: boolean): Promise<void> {
    clearInterval(this.#timer);
    if (leaving) await this.#redis.hdel(this.#key, this.workerId);
  }
}

/** Returns the worker of a claim token from {@link newClaimToken}. */
export function workerOfToken(token: string): string {
  return token.slice(0, token.lastIndexOf("/"));
}

let claims = 0;

/** Returns a unique token for a claim. */
export function newClaimToken(workerId: string): string {
  claims += 1;
  return `${workerId}/${claims.toString(36)}`;
}
