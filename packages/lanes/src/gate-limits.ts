import { protocolMs } from "@darkroom/core";
/** Limits of a provider account across all workers. The gate never exceeds them, and may stay below them. */
export interface GateLimits {
  /** Concurrent calls. */
  readonly concurrency: number;
  /** Calls per minute; unlimited if absent. */
  readonly ratePerMinute?: number;
  /** Expiry of a dead worker's leases. Live workers renew their leases. Defaults to {@link LEASE_MS}. */
  readonly leaseMs?: number;
  /** Time without a refusal after which a lowered limit rises by one step. Defaults to {@link WIDEN_EVERY_MS}. */
  readonly widenEveryMs?: number;
  /**
   * Pause after a refusal for too many concurrent calls, so that refusals of the same burst count once. Defaults to
   * {@link SETTLE_MS}.
   */
  readonly settleMs?: number;
  /** Upper limit for the hold that a provider can request. Defaults to {@link LONGEST_HOLD_MS}. */
  readonly longestHoldMs?: number;
}

/** Twelve worker heartbeats, each of which renews the leases. */
export const LEASE_MS = protocolMs(24_000);
export const WIDEN_EVERY_MS = 15_000;
export const SETTLE_MS = 1_000;
export const LONGEST_HOLD_MS = 600_000;
/** Factor applied to a refused limit. */
const NARROW_TO = 0.7;
/** Number of steps from zero to the configured limit. A step is at least one call. */
const STEPS = 20;
/** How long a rate from a provider's headers is valid. */
const TOLD_FOR_MS = 600_000;
/** Learned limits expire a day after the last refusal. */
const KEPT_MS = 86_400_000;

/**
 * What a lane has learned about its account, in the hash `gate:limits`:
 *
 *   width, widthAt   concurrent calls after the last reduction, and its time (epoch ms)
 *   rate, rateAt     same for calls per minute
 *   why              what was refused at the last reduction of either
 *   told, toldAt     calls per minute according to the provider's headers
 *   paceMs, paceUntil  delay between two calls that spreads the remaining ones until the provider's count resets
 *   holdWhy          reason of a hold
 *   openAt           when the lane was last unblocked; calls that began earlier do not count
 *   provenAt, provenBy  when the account answered another portrait at the first probe after a refusal, and the mark of
 *                    its key
 *
 * A reduced limit rises with time. The current value is computed from the time of the reduction, so that all workers
 * see the same value without a write.
 */
export const PRELUDE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function widened(top, set, at, every)
  if not set then return top end
  local steps = math.floor(math.max(0, now - tonumber(at)) / every)
  return math.max(1, math.min(top, tonumber(set) + math.max(1, math.ceil(top / ${STEPS})) * steps))
end
local function narrowed(present) return math.max(1, math.floor(present * ${NARROW_TO})) end
local function push(key, limits, waitMs, why)
  if now + waitMs <= tonumber(redis.call('GET', key) or '0') then return end
  redis.call('SET', key, now + waitMs, 'PX', waitMs)
  redis.call('HSET', limits, 'holdWhy', why)
end
local function keep(limits) redis.call('PEXPIRE', limits, ${KEPT_MS}) end
`;

/** Current calls per minute; 0 for unlimited. Needs \`limits\` (a key), \`rateTop\` (0 for none) and \`every\`. */
export const PRESENT_RATE = `
local l = redis.call('HMGET', limits, 'rate', 'rateAt', 'told', 'toldAt', 'paceMs', 'paceUntil')
local rate = rateTop
if rate > 0 then rate = widened(rateTop, l[1], l[2], every) end
local toldNow = l[3] and now - tonumber(l[4]) < ${TOLD_FOR_MS}
if toldNow and (rate == 0 or tonumber(l[3]) < rate) then rate = tonumber(l[3]) end
local interval = rate > 0 and 60000 / rate or 0
if l[6] and tonumber(l[6]) > now then interval = math.max(interval, tonumber(l[5])) end
`;
