import type { LostResult } from "@darkroom/core";
import type { RedisConnection } from "@darkroom/redis-kit";
import { batchLedgerKeys } from "../keys.ts";

/** Maximum number stored per batch. */
const MOST_LOST_RESULTS = 10_000;

/**
 * Paid pictures that could not be fetched, used or stored when their portraits ended. A retry looks for these pictures
 * before it pays. Kept as long as the batch's other keys.
 */
export class LostResults {
  readonly #redis: RedisConnection;
  readonly #namespace: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#namespace = namespace;
  }

  async keep(batchId: string, index: number, lost: LostResult): Promise<void> {
    const key = this.#keyOf(batchId);
    if ((await this.#redis.hlen(key)) < MOST_LOST_RESULTS) await this.#redis.hset(key, index, JSON.stringify(lost));
  }

  async of(batchId: string, index: number): Promise<LostResult | undefined> {
    const text = await this.#redis.hget(this.#keyOf(batchId), String(index));
    return text === null ? undefined : (JSON.parse(text) as LostResult);
  }

  async drop(batchId: string, index: number): Promise<void> {
    await this.#redis.hdel(this.#keyOf(batchId), String(index));
  }

  #keyOf(batchId: string): string {
    return batchLedgerKeys(this.#namespace, batchId).lostResults;
  }
}
