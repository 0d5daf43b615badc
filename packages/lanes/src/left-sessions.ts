import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { PRELUDE } from "./gate-limits.ts";

/** Time after which a provider drops sessions by itself (provider contract A.6). */
const KEPT_MS = 30 * 86_400_000;
/** Limit of sessions stored per lane. The oldest are dropped. */
export const MOST_LEFT_SESSIONS = 50_000;
/** Time after which a dead worker's sessions become available. Longer than one deletion. */
const TAKEN_MS = 30_000;
/** Ids per script. */
const NOTED_AT_ONCE = 1_000;

/** KEYS due, since · ARGV limit, session ids · returns the number of older sessions dropped. */
const note = defineScript(`${PRELUDE}
for a = 2, #ARGV do
  redis.call('ZADD', KEYS[1], 'NX', now, ARGV[a])
  redis.call('ZADD', KEYS[2], 'NX', now, ARGV[a])
end
local over = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[1])
for _ = 1, over do redis.call('ZREM', KEYS[1], redis.call('ZPOPMIN', KEYS[2])[1]) end
for k = 1, 2 do redis.call('PEXPIRE', KEYS[k], ${KEPT_MS}) end
return math.max(0, over)`);

/** KEYS due, since · ARGV count · returns sessions that no other worker has leased. Drops expired sessions. */
const take = defineScript(`${PRELUDE}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ${KEPT_MS}, 'LIMIT', 0, 100)) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], now + ${TAKEN_MS}, id) end
return ids`);

/** KEYS due, since · ARGV deleted session ids · returns 1. */
const done = defineScript(`
for _, id in ipairs(ARGV) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end
return 1`);

/** KEYS due, since · ARGV session ids whose deletion failed, which are queued after all others · returns 1. */
const back = defineScript(`${PRELUDE}
for _, id in ipairs(ARGV) do redis.call('ZADD', KEYS[1], 'XX', now, id) end
return 1`);

/**
 * Provider sessions of ended portraits (P8) that the lane's workers still have to delete. Recorded before portraits are
 * ended without contacting the provider, or after a failed deletion. A session belongs to one portrait in one round, so
 * an ended portrait's session is never used again.
 *
 *   {ns:lane}:sessions:due    zset  session id by the time of its next deletion attempt (epoch ms, Redis' clock)
 *   {ns:lane}:sessions:since  zset  session id by the time of its recording
 */
export class LeftSessions {
  readonly #redis: RedisConnection;
  readonly #keys: readonly [string, string];

  constructor(redis: RedisConnection, keys: { readonly sessionsDue: string; readonly sessionsSince: string }) {
    this.#redis = redis;
    this.#keys = [keys.sessionsDue, keys.sessionsSince];
  }

  /**
   * Adds sessions. Idempotent.
   *
   * @returns the number of older sessions dropped to make room
   */
  async note(ids: readonly string[]): Promise<number> {
    let dropped = 0;
    for (let start = 0; start < ids.length; start += NOTED_AT_ONCE) {
      const args = [MOST_LEFT_SESSIONS, ...ids.slice(start, start + NOTED_AT_ONCE)];
      dropped += (await note.run(this.#redis, this.#keys, args)) as number;
    }
    return dropped;
  }

  /** Leases some sessions to delete. Call {@link done} or {@link back} for each. */
  async take(limit: number): Promise<readonly string[]> {
    return (await take.run(this.#redis, this.#keys, [limit])) as string[];
  }

  async done(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await done.run(this.#redis, this.#keys, [...ids]);
  }

  async back(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await back.run(this.#redis, this.#keys, [...ids]);
  }

  /** Returns the number of sessions to delete. */
  async count(): Promise<number> {
    return await this.#redis.zcard(this.#keys[1]);
  }
}
