import type { RedisConnection } from "@darkroom/redis-kit";
import { batchLedgerKeys } from "../keys.ts";
import { FEED_START, fieldsOf, parseEvent, parseEventId, type FeedPage, type StreamEntry } from "./feed-entry.ts";

/** Entries read at once during the search for the first new event after a lost one. */
const SOUGHT_AT_ONCE = 1_000;

/** Reads the feed of one batch, which the ledger's scripts write. */
export class BatchFeed {
  readonly #redis: RedisConnection;
  readonly #namespace: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#namespace = namespace;
  }

  /**
   * Returns the events after a position.
   *
   * @param after {@link FEED_START} for all events that the batch keeps
   */
  async read(batchId: string, after: string, limit: number): Promise<FeedPage> {
    const key = batchLedgerKeys(this.#namespace, batchId).feed;
    const page = (entries: readonly StreamEntry[], end: string): Omit<FeedPage, "gap"> => ({
      events: entries.map((entry) => ({ position: entry[0], event: parseEvent(batchId, entry[0], fieldsOf(entry)) })),
      next: entries.at(-1)?.[0] ?? end,
    });
    if (after === FEED_START) return page(await this.#redis.xrange(key, "-", "+", "COUNT", limit), after);
    const [first, ...rest] = await this.#redis.xrange(key, after, "+", "COUNT", limit + 1);
    if (first?.[0] === after) return page(rest, after);
    const [oldest] = await this.#redis.xrange(key, "-", "+", "COUNT", 1);
    const missing = oldest === undefined ? -1 : parseEventId(oldest[0]).sequence - parseEventId(after).sequence - 1;
    if (missing === 0) return page(await this.#redis.xrange(key, "-", "+", "COUNT", limit), after);
    if (missing > 0) {
      return { ...page(await this.#redis.xrange(key, "-", "+", "COUNT", limit), after), gap: "trimmed" };
    }
    const { entries, end } = await this.#since(key, parseEventId(after).atMs, limit);
    return { ...page(entries, end), gap: "rewritten" };
  }

  /**
   * Returns the entries that are newer than a lost one. Compares times of Redis' clock, because their sequence numbers
   * may be equal.
   *
   * @returns also the last entry's id
   */
  async #since(
    key: string,
    atMs: number,
    limit: number,
  ): Promise<{ readonly entries: readonly StreamEntry[]; readonly end: string }> {
    let end = FEED_START;
    for (;;) {
      const from = end === FEED_START ? "-" : `(${end}`;
      const looked = await this.#redis.xrange(key, from, "+", "COUNT", SOUGHT_AT_ONCE);
      const found = looked.filter(([id]) => parseEventId(id).atMs > atMs);
      if (found.length > 0) return { entries: found.slice(0, limit), end };
      end = looked.at(-1)?.[0] ?? end;
      if (looked.length < SOUGHT_AT_ONCE) return { entries: [], end };
    }
  }
}
