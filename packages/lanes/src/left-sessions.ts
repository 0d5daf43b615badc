import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { PRELUDE } from "./gate-limits.ts";

/** A provider drops a session by itself after so long (provider contract A.6): then there is nothing left to clear. */
const KEPT_MS = 30 * 86_400_000;
/** More than these are not remembered for a lane: the oldest go first. */
export const MOST_LEFT_SESSIONS = 50_000;
/** Who has taken some and died gives them up after this; longer than one clearing may take. */
const TAKEN_MS = 30_000;
/** Ids in one script. */
const NOTED_AT_ONCE = 1_000;

/** KEYS due, since · ARGV the most, session ids · returns how many older ones were dropped for them. */
const note = defineScript(`${PRELUDE}
for a = 2, #ARGV do
  redis.call('ZADD', KEYS[1], 'NX', now, ARGV[a])
  redis.call('ZADD', KEYS[2], 'NX', now, ARGV[a])
end
local over = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[1])
for _ = 1, over do redis.call('ZREM', KEYS[1], redis.call('ZPOPMIN', KEYS[2])[1]) end
for k = 1, 2 do redis.call('PEXPIRE', KEYS[k], ${KEPT_MS}) end
return math.max(0, over)`);

/** KEYS due, since · ARGV how many · returns sessions that nobody else has taken; those that have lapsed are dropped. */
const take = defineScript(`${PRELUDE}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ${KEPT_MS}, 'LIMIT', 0, 100)) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], now + ${TAKEN_MS}, id) end
return ids`);

/** KEYS due, since · ARGV session ids that are cleared · returns 1. */
const done = defineScript(`
for _, id in ipairs(ARGV) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end
return 1`);

/** KEYS due, since · ARGV session ids that could not be cleared: they come after all others that are due · returns 1. */
const back = defineScript(`${PRELUDE}
for _, id in ipairs(ARGV) do redis.call('ZADD', KEYS[1], 'XX', now, id) end
return 1`);

/**
 * The sessions of ended portraits that a lane's provider may still keep (P8): noted before their portraits are ended
 * without it, or when clearing one failed, and worked through by the lane's workers. A session belongs to one portrait
 * in one round, so that none of them is ever used again.
 *
 *   {ns:lane}:sessions:due    zset  session id by when it may be taken next (epoch ms, Redis' clock)
 *   {ns:lane}:sessions:since  zset  session id by when it was noted
 */
export class LeftSessions {
  readonly #redis: RedisConnection;
  readonly #keys: readonly [string, string];

  constructor(redis: RedisConnection, keys: { readonly sessionsDue: string; readonly sessionsSince: string }) {
    this.#redis = redis;
    this.#keys = [keys.sessionsDue, keys.sessionsSince];
  }

  /**
   * Remembers sessions; those that are remembered already change nothing.
   *
   * @returns how many older ones were forgotten to make room
   */
  async note(ids: readonly string[]): Promise<number> {
    let dropped = 0;
    for (let start = 0; start < ids.length; start += NOTED_AT_ONCE) {
      const args = [MOST_LEFT_SESSIONS, ...ids.slice(start, start + NOTED_AT_ONCE)];
      dropped += (await note.run(this.#redis, this.#keys, args)) as number;
    }
    return dropped;
  }

  /** Takes some to clear; nobody else gets them for a while. Say {@link done} or {@link back} of each. */
  async take(limit: number): Promise<readonly string[]> {
    return (await take.run(this.#redis, this.#keys, [limit])) as string[];
  }

  async done(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await done.run(this.#redis, this.#keys, [...ids]);
  }

  async back(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await back.run(this.#redis, this.#keys, [...ids]);
  }

  /** How many are left to clear. */
  async count(): Promise<number> {
    return await this.#redis.zcard(this.#keys[1]);
  }
}
