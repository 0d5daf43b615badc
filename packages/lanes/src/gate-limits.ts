import { protocolMs } from "@darkroom/core";
/** The exact limits of one provider account, over all workers. The gate never goes beyond them, and may stay below. */
export interface GateLimits {
  /** Calls at once. */
  readonly concurrency: number;
  /** Calls a minute; absent means no such limit. */
  readonly ratePerMinute?: number;
  /** A dead worker's leases end by themselves after this long; living ones are renewed. Defaults to {@link LEASE_MS}. */
  readonly leaseMs?: number;
  /** After so long without a refusal a narrowed limit is widened by one step. Defaults to {@link WIDEN_EVERY_MS}. */
  readonly widenEveryMs?: number;
  /**
   * After a refusal for too many calls at once nothing new is begun for so long: the refusals of those that came with
   * it belong to the same lesson. Defaults to {@link SETTLE_MS}.
   */
  readonly settleMs?: number;
  /** The longest hold that a provider can ask for; a longer one is cut to this. Defaults to {@link LONGEST_HOLD_MS}. */
  readonly longestHoldMs?: number;
}

/** Twelve heartbeats of a worker, which renews its leases with each. */
export const LEASE_MS = protocolMs(24_000);
export const WIDEN_EVERY_MS = 15_000;
export const SETTLE_MS = 1_000;
export const LONGEST_HOLD_MS = 600_000;
/** What is left of a limit that was refused. */
const NARROW_TO = 0.7;
/** A step is this part of the configured limit, and at least one. */
const STEPS = 20;
/** What the provider said of its rate holds for so long. */
const TOLD_FOR_MS = 600_000;
/** What was learned is forgotten a day after the last lesson. */
const KEPT_MS = 86_400_000;

/**
 * What a lane has learned of its account, in the hash `gate:limits`:
 *
 *   width, widthAt   calls at once after the last narrowing, and when that was (epoch ms)
 *   rate, rateAt     the same for calls a minute
 *   why              what was refused at the last narrowing of either
 *   told, toldAt     calls a minute, as the provider says in its headers
 *   paceMs, paceUntil  between two calls, so that what the provider has left lasts until it counts anew
 *   holdWhy          why there is a hold
 *   openAt           when the lane was unblocked last: what began before says nothing about now
 *   provenAt, provenBy  when the account answered another portrait at the first probe after it had refused one, and
 *                    the mark of the key
 *
 * A narrowed limit grows by itself: its present value is worked out from the time since, so that every worker sees the
 * same, and nobody has to write it.
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

/** Calls a minute at present; 0 for no limit. Wants \`limits\` (a key), \`rateTop\` (0 for none) and \`every\`. */
export const PRESENT_RATE = `
local l = redis.call('HMGET', limits, 'rate', 'rateAt', 'told', 'toldAt', 'paceMs', 'paceUntil')
local rate = rateTop
if rate > 0 then rate = widened(rateTop, l[1], l[2], every) end
local toldNow = l[3] and now - tonumber(l[4]) < ${TOLD_FOR_MS}
if toldNow and (rate == 0 or tonumber(l[3]) < rate) then rate = tonumber(l[3]) end
local interval = rate > 0 and 60000 / rate or 0
if l[6] and tonumber(l[6]) > now then interval = math.max(interval, tonumber(l[5])) end
`;
