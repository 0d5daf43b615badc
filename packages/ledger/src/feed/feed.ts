import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { sharedKeys } from "../keys.ts";
import { BatchFeed } from "./batch-feed.ts";
import type { Schedule } from "../schedules/schedule.ts";
import {
  FEED_START,
  fieldsOf,
  parseEvent,
  parseEventId,
  type FeedGap,
  type FeedPage,
  type PlacedEvent,
  type StreamEntry,
} from "./feed-entry.ts";
import { scheduleEvents, sourceOfSchedule } from "./schedule-events.ts";

/** Approximate number of newest events that the deployment's feed keeps. */
const KEPT_EVENTS = 100_000;
/** Age above which the feed drops events, even if there are fewer, in ms. */
const KEPT_MS = 30 * 24 * 3_600_000;
/** Events forwarded by one script call. */
const FORWARDED_AT_ONCE = 500;
/** Arguments of `append` before its list, and the columns of the list. */
const HEAD = 5;
const COLUMNS = ["id", "type", "state", "tenant", "data"] as const;
/** The field of `forwarded` with the newest entry of the feed; no batch has this id. */
const NEWEST = "#";

/**
 * KEYS entries, forwarded · ARGV batch, the last event that the caller knows to be forwarded or '', number of newest
 * events to keep, their maximum age (ms), pub/sub channel; list of events · returns 1, or 0 if another event was
 * forwarded last.
 *
 * Each entry names its predecessor, so that a reader can detect trimmed entries in between.
 */
const append = defineScript(`
local entries, forwarded = unpack(KEYS)
local batch, last, kept, keptMs, channel = unpack(ARGV, 1, ${HEAD})
if (redis.call('HGET', forwarded, batch) or '') ~= last then return 0 end
local before = redis.call('HGET', forwarded, '${NEWEST}') or '${FEED_START}'
for a = ${HEAD + 1}, #ARGV, ${COLUMNS.length} do
  local id, name, state, tenant, data = unpack(ARGV, a, a + ${COLUMNS.length - 1})
  before = redis.call('XADD', entries, 'MAXLEN', '~', kept, '*', 'before', before, 'batch', batch, 'id', id, 'type', name,
    'state', state, 'tenant', tenant, 'data', data)
  last = id
end
redis.call('HSET', forwarded, batch, last, '${NEWEST}', before)
redis.call('XTRIM', entries, 'MINID', '~', string.format('%.0f', string.match(before, '^%d+') - keptMs))
redis.call('PUBLISH', channel, '')
return 1`);

/**
 * The deployment's feed: the events of all batches, forwarded from each batch's own feed, in order within each batch.
 * Each event is forwarded once, even if several processes forward it.
 */
export class Feed {
  readonly #redis: RedisConnection;
  readonly #shared: ReturnType<typeof sharedKeys>;
  /** The feeds of single batches. */
  readonly batches: BatchFeed;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#shared = sharedKeys(namespace);
    this.batches = new BatchFeed(redis, namespace);
  }

  /**
   * Forwards a batch's new events.
   *
   * @returns the number of events forwarded
   */
  async forward(batchId: string): Promise<number> {
    const { forwarded } = this.#shared.feed;
    let count = 0;
    for (;;) {
      const last = (await this.#redis.hget(forwarded, batchId)) ?? undefined;
      const { events } = await this.batches.read(batchId, last ?? FEED_START, FORWARDED_AT_ONCE);
      if (events.length === 0) return count;
      const isForwarded = await this.#append(batchId, last, events);
      if (isForwarded) count += events.length;
      if (isForwarded && events.length < FORWARDED_AT_ONCE) return count;
    }
  }

  /**
   * Forwards the new events of a schedule.
   *
   * @returns false if another process forwarded some of them in the meantime, so that the call must be repeated
   */
  async forwardSchedule(schedule: Pick<Schedule, "id" | "events" | "tenant">): Promise<boolean> {
    return await this.forwardFrom(sourceOfSchedule(schedule.id), scheduleEvents(schedule));
  }

  /**
   * Forwards those of a source's events that are new.
   *
   * @param source contains a colon, unlike the id of a batch
   * @param kept the events that the source keeps, oldest first
   * @returns false if another process forwarded some of them in the meantime, so that the call must be repeated
   */
  async forwardFrom(source: string, kept: readonly PlacedEvent[]): Promise<boolean> {
    const last = (await this.#redis.hget(this.#shared.feed.forwarded, source)) ?? undefined;
    // A source that was deleted and created again numbers its events from 1.
    const lastMs = last === undefined ? -Infinity : parseEventId(last).atMs;
    const events = kept.filter(({ position }) => parseEventId(position).atMs > lastMs);
    return events.length === 0 || (await this.#append(source, last, events));
  }

  /** @returns false, without forwarding anything, if `last` was not the source's last forwarded event */
  async #append(source: string, last: string | undefined, events: readonly PlacedEvent[]): Promise<boolean> {
    const { entries, forwarded, channel } = this.#shared.feed;
    const rows = events.flatMap(({ position, event }) => [
      position,
      event.type,
      event.state ?? "",
      event.tenant,
      JSON.stringify(event.data),
    ]);
    const head = [source, last ?? "", KEPT_EVENTS, KEPT_MS, channel];
    return (await append.run(this.#redis, [entries, forwarded], [...head, ...rows])) === 1;
  }

  /** Forgets the forwarding positions of batches whose feeds are gone. */
  async forget(batchIds: readonly string[]): Promise<void> {
    if (batchIds.length > 0) await this.#redis.hdel(this.#shared.feed.forwarded, ...batchIds);
  }

  /**
   * Returns the events of all batches after a position.
   *
   * @param after {@link FEED_START} for all events that are kept
   */
  async read(after: string, limit: number): Promise<FeedPage> {
    const { entries: key } = this.#shared.feed;
    const from = after === FEED_START ? "-" : after;
    const read: readonly StreamEntry[] = await this.#redis.xrange(key, from, "+", "COUNT", limit + 1);
    const isThere = read[0]?.[0] === after;
    const entries = isThere ? read.slice(1) : read.slice(0, limit);
    const gap = isThere || after === FEED_START ? undefined : await this.#gapBefore(after, entries[0]);
    const end = gap === undefined ? after : await this.newest();
    return {
      events: entries.map(placed),
      next: entries.at(-1)?.[0] ?? end,
      ...(gap === undefined ? {} : { gap }),
    };
  }

  /** Returns the event at a position; undefined if it is not kept. */
  async at(position: string): Promise<PlacedEvent | undefined> {
    const [entry] = await this.#redis.xrange(this.#shared.feed.entries, position, position);
    return entry === undefined ? undefined : placed(entry);
  }

  /**
   * Returns the position of the last event that was forwarded before a time.
   *
   * @param atMs Redis' clock, epoch ms
   */
  async lastBefore(atMs: number): Promise<string> {
    if (atMs <= 0) return FEED_START;
    const [entry] = await this.#redis.xrevrange(this.#shared.feed.entries, `(${atMs}-0`, "-", "COUNT", 1);
    return entry?.[0] ?? FEED_START;
  }

  /** Returns the position of the newest event. */
  async newest(): Promise<string> {
    const [newest] = await this.#redis.xrevrange(this.#shared.feed.entries, "+", "-", "COUNT", 1);
    return newest?.[0] ?? FEED_START;
  }

  /** Returns whether events are missing between a position that no longer exists and the next entry. */
  async #gapBefore(after: string, next: StreamEntry | undefined): Promise<FeedGap | undefined> {
    if (next === undefined) return "rewritten";
    if (fieldsOf(next)["before"] === after) return undefined;
    const [oldest] = await this.#redis.xrange(this.#shared.feed.entries, "-", "+", "COUNT", 1);
    return oldest?.[0] === next[0] ? "trimmed" : "rewritten";
  }
}

/** Parses an entry of the deployment's feed. */
function placed(entry: StreamEntry): PlacedEvent {
  const fields = fieldsOf(entry);
  return { position: entry[0], event: parseEvent(fields["batch"] ?? "", fields["id"] ?? "", fields) };
}
