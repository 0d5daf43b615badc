import { defineScript, type RedisConnection } from "@darkroom/redis-kit";
import { laneKeys } from "./lane-keys.ts";

/** The exact limits of one provider account, over all workers. */
export interface GateLimits {
  /** Calls at once. */
  readonly concurrency: number;
  /** Calls a minute; absent means no such limit. */
  readonly ratePerMinute?: number;
  /** A dead worker's leases end by themselves after this long; living ones are renewed. */
  readonly leaseMs: number;
}

/**
 * One turn at the gate: the hold after a 429, then a free slot, then the GCRA clock. Who has a slot asks again only
 * because the answer was lost with the connection: it may go.
 * KEYS hold, slots, clock, blocked · ARGV lease id, concurrency, lease ms, interval ms (0: no rate), burst tolerance ms ·
 * returns {wait in ms, 0 when the call may go now} and {1 when the lane is blocked, so that this call is its probe}.
 */
const enter = defineScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local hold = tonumber(redis.call('GET', KEYS[1]) or '0')
if hold > now then return { hold - now, 0 } end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return { 0, redis.call('EXISTS', KEYS[4]) } end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[2]) then return { 250, 0 } end
local interval = tonumber(ARGV[4])
if interval > 0 then
  local arrival = math.max(tonumber(redis.call('GET', KEYS[3]) or '0'), now)
  local early = arrival - tonumber(ARGV[5])
  if early > now then return { math.ceil(early - now), 0 } end
  redis.call('SET', KEYS[3], arrival + interval, 'PX', math.ceil(arrival + interval - now) + 60000)
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[3]), ARGV[1])
return { 0, redis.call('EXISTS', KEYS[4]) }`);

/** Keeps leases that still stand. KEYS slots · ARGV lease ms, then lease ids · returns 1. By Redis' clock, as entering is. */
const renew = defineScript(`
local t = redis.call('TIME')
local expires = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[1])
for a = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', expires, ARGV[a]) end
return 1`);

/** Pushes the hold forward, never back. KEYS hold · ARGV wait ms */
const push = defineScript(`
local t = redis.call('TIME')
local untilMs = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[1])
if untilMs > tonumber(redis.call('GET', KEYS[1]) or '0') then redis.call('SET', KEYS[1], untilMs, 'PX', ARGV[1]) end
return 1`);

/** A second's worth of calls may come at once. */
const BURST_MS = 1_000;

/** The gate before a provider account: never more calls at once, or a minute, than the account allows. */
export class Gate {
  readonly #redis: RedisConnection;
  readonly #keys: ReturnType<typeof laneKeys>;
  readonly #limits: GateLimits;

  constructor(redis: RedisConnection, namespace: string, lane: string, limits: GateLimits) {
    this.#redis = redis;
    this.#keys = laneKeys(namespace, lane);
    this.#limits = limits;
  }

  /** Asks for a call. When `waitMs` is 0 it may go now, and {@link leave} must follow; `probing` tells of a blocked lane. */
  async enter(leaseId: string): Promise<{ readonly waitMs: number; readonly probing: boolean }> {
    const { concurrency, ratePerMinute, leaseMs } = this.#limits;
    const intervalMs = ratePerMinute === undefined ? 0 : 60_000 / ratePerMinute;
    const keys = [this.#keys.hold, this.#keys.slots, this.#keys.clock, this.#keys.blocked];
    const reply = await enter.run(this.#redis, keys, [leaseId, concurrency, leaseMs, intervalMs, BURST_MS]);
    const [waitMs, blocked] = reply as [number, number];
    return { waitMs, probing: blocked === 1 };
  }

  /** Keeps the leases of calls that still run. */
  async renew(leaseIds: readonly string[]): Promise<void> {
    if (leaseIds.length > 0) await renew.run(this.#redis, [this.#keys.slots], [this.#limits.leaseMs, ...leaseIds]);
  }

  async leave(leaseId: string): Promise<void> {
    await this.#redis.zrem(this.#keys.slots, leaseId);
  }

  /** No call of this account before `waitMs` have gone by. */
  async hold(waitMs: number): Promise<void> {
    await push.run(this.#redis, [this.#keys.hold], [Math.max(1, Math.ceil(waitMs))]);
  }
}
