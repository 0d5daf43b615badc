import { defineScript, type RedisConnection } from "@darkroom/redis-kit";

/** How long a key refers to its request's response. */
export const KEEP_KEY_MS = 24 * 3_600_000;
/** A running request renews its key within this time. After it, the request's server is considered dead. */
export const PENDING_MS = 60_000;
/** Delay suggested to a concurrent duplicate. */
export const RETRY_AFTER_MS = 2_000;

/**
 * KEYS key · ARGV expected value ('' for none), new value ('' to delete), ttl ms · returns false on success, otherwise
 * the current value. The new value is already set if an earlier attempt succeeded and only its reply was lost.
 */
const swap = defineScript(`
local now = redis.call('GET', KEYS[1]) or ''
if now == ARGV[2] and now ~= ARGV[1] then return false end
if now ~= ARGV[1] then return now end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return false`);

/** Replaces the value of one key, if it is `from`. Returns undefined on success, otherwise the current value. */
export type SwapValue = (from: string, to: string, ttlMs: number) => Promise<string | undefined>;

/** Returns the {@link SwapValue} of a key of Redis. */
export function swapAt(redis: RedisConnection, redisKey: string): SwapValue {
  return async (from, to, ttlMs) => {
    const reply = await swap.run(redis, [redisKey], [from, to, ttlMs]);
    return typeof reply === "string" ? reply : undefined;
  };
}
