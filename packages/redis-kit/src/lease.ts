import type { RedisConnection } from "./connect.ts";
import { randomUUID } from "node:crypto";
import { defineScript } from "./script.ts";

/** KEYS lease · ARGV token, ttl ms · returns 1 if the token now holds the lease. */
const take = defineScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`);

/** KEYS lease · ARGV token · returns 1 if the token held the lease. */
const drop = defineScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1`);

/**
 * Lets one producer at a time perform a task. A lease only avoids duplicate work. Safety never depends on it, because
 * all work under a lease is idempotent.
 */
export class Lease {
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #ttlMs: number;
  readonly #token = randomUUID();
  #heldUntil = 0;

  constructor(redis: RedisConnection, key: string, ttlMs: number) {
    this.#redis = redis;
    this.#key = key;
    this.#ttlMs = ttlMs;
  }

  /** Acquires or renews the lease. Contacts Redis only after a third of the lease's lifetime. */
  async hold(nowMs = performance.now()): Promise<boolean> {
    if (this.#heldUntil - nowMs > (this.#ttlMs * 2) / 3) return true;
    const held = (await take.run(this.#redis, [this.#key], [this.#token, this.#ttlMs])) === 1;
    this.#heldUntil = held ? nowMs + this.#ttlMs : 0;
    return held;
  }

  async release(): Promise<void> {
    this.#heldUntil = 0;
    await drop.run(this.#redis, [this.#key], [this.#token]);
  }
}
