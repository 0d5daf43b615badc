import { protocolMs } from "@darkroom/core";
import { defineBundledScript, defineScript, GCRA } from "@darkroom/redis-kit";
import { PRELUDE, PRESENT_RATE } from "./gate-limits.ts";

/** Delay before another request to enter a full gate. */
const FULL_WAIT_MS = 250;
/** Time for a probe that left the gate to report. After this time, another call becomes the probe. */
const PROBE_TELLS_MS = protocolMs(5_000);

/**
 * Requests entry to the gate. Checks, in order: a blocked lane's probe, the hold, a free slot, the rate. A caller that
 * already has a slot lost the reply and may go. KEYS hold, slots, clock, blocked, limits · ARGV lease id, concurrency,
 * lease ms, rate a minute (0: none), burst tolerance ms, widen every ms · returns {wait in ms (0: go now; -1: blocked),
 * 1 for the lane's probe, Redis' time, delay in ms that this call adds to the next}.
 */
export const enter = defineBundledScript(
  // The calls of one script come from one gate, so they have the same limits.
  `${PRELUDE}${GCRA}
local hold, slots, clock, blocked, limits = unpack(KEYS)
local most, leaseMs, rateTop, burstMs, every = unpack(ARGV, 2, 6)
rateTop, every = tonumber(rateTop), tonumber(every)
local held = tonumber(redis.call('GET', hold) or '0')
local b = redis.call('HMGET', blocked, 'reason', 'probingSince', 'probe', 'probeUntil')
local w = redis.call('HMGET', limits, 'width', 'widthAt')
local width = widened(tonumber(most), w[1], w[2], every)
${PRESENT_RATE}
redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
local running = redis.call('ZCARD', slots)`,
  ["leaseId", "_most", "_leaseMs", "_rateTop", "_burstMs", "_every"],
  `
local probing = 0
if b[1] then
  if not b[2] then return { -1, 0, now } end
  if b[3] and b[3] ~= leaseId then
    if redis.call('ZSCORE', slots, b[3]) or tonumber(b[4] or '0') > now then return { -1, 0, now } end
  end
  probing = 1
end
if held > now then return { held - now, 0, now } end
if redis.call('ZSCORE', slots, leaseId) then return { 0, probing, now } end
if running >= width then return { ${FULL_WAIT_MS}, 0, now } end
if interval > 0 then
  local waitMs = gcra(clock, now, interval, tonumber(burstMs))
  if waitMs > 0 then return { waitMs, 0, now } end
end
redis.call('ZADD', slots, now + tonumber(leaseMs), leaseId)
running = running + 1
if probing == 1 then
  redis.call('HSET', blocked, 'probe', leaseId)
  redis.call('HDEL', blocked, 'probeUntil')
  b[3], b[4] = leaseId, false
end
return { 0, probing, now, tostring(interval) }`,
);

/**
 * Returns an unused pass: frees its slot and gives its turn in the rate to the next call. KEYS slots, clock, blocked ·
 * ARGV lease id, delay in ms that the pass added to the next call · returns 1.
 */
export const giveBack = defineScript(`${PRELUDE}
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
local arrival = redis.call('GET', KEYS[2])
if arrival then redis.call('SET', KEYS[2], tonumber(arrival) - tonumber(ARGV[2]), 'KEEPTTL') end
if redis.call('HGET', KEYS[3], 'probe') == ARGV[1] then redis.call('HDEL', KEYS[3], 'probe', 'probeUntil') end
return 1`);

/** Ends a hold at an operator's request. KEYS hold, limits · returns 1 when there was a hold. */
export const lift = defineScript(`
redis.call('HDEL', KEYS[2], 'holdWhy', 'paceMs', 'paceUntil', 'askedUntil')
return redis.call('DEL', KEYS[1])`);

/**
 * Leaves the gate. KEYS slots, failures, blocked · ARGV lease id, 1 when the provider answered · returns 1 when that
 * answer ends the outage for which the lane is blocked.
 */
export const leave = defineBundledScript(
  `${PRELUDE}
local slots, failures, blocked = unpack(KEYS)
local b = redis.call('HMGET', blocked, 'reason', 'probe')
local isCleared = false`,
  ["leaseId", "answered"],
  `
redis.call('ZREM', slots, leaseId)
if b[2] == leaseId then redis.call('HSET', blocked, 'probeUntil', now + ${PROBE_TELLS_MS}) end
if answered ~= '1' then return 0 end
if not isCleared then redis.call('DEL', failures) end
isCleared = true
return b[1] == 'outage' and 1 or 0`,
);

/** Renews existing leases, by Redis' clock. KEYS slots · ARGV lease ms, then lease ids · returns 1. */
export const renew = defineScript(`${PRELUDE}
for a = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', now + tonumber(ARGV[1]), ARGV[a]) end
return 1`);

/**
 * Extends the hold, and never shortens it. KEYS hold, limits · ARGV wait ms, why, the requested wait (ms) · returns 1.
 */
export const hold = defineScript(`${PRELUDE}
push(KEYS[1], KEYS[2], tonumber(ARGV[1]), ARGV[2])
redis.call('HSET', KEYS[2], 'askedUntil', now + tonumber(ARGV[3]))
keep(KEYS[2])
return 1`);

/**
 * Lowers a limit after a throttled call. A call that entered before the last reduction tested an older limit and
 * changes nothing. KEYS hold, slots, limits · ARGV lease id, 'rate' or 'concurrency', wait ms, when it entered (Redis'
 * time), concurrency, rate a minute (0: none), widen every ms, why, settle ms, the requested wait (ms) · returns {1
 * when a limit was lowered, current concurrent calls, Redis' time}.
 */
export const throttle = defineScript(`${PRELUDE}
local limits, entered, every = KEYS[3], tonumber(ARGV[4]), tonumber(ARGV[7])
local l = redis.call('HMGET', limits, 'width', 'widthAt', 'rate', 'rateAt', 'toldAt')
local width = widened(tonumber(ARGV[5]), l[1], l[2], every)
local changed, wait, asked = 0, tonumber(ARGV[3]), tonumber(ARGV[10])
if ARGV[2] == 'concurrency' then
  -- The limit cannot go below one call, so only waiting is left.
  if width > 1 then
    wait = math.min(wait, tonumber(ARGV[9]))
    asked = wait
  end
  if entered > tonumber(l[2] or '0') then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
    local running = redis.call('ZCARD', KEYS[2]) + (redis.call('ZSCORE', KEYS[2], ARGV[1]) and 0 or 1)
    width = narrowed(math.min(width, running))
    redis.call('HSET', limits, 'width', width, 'widthAt', now, 'why', ARGV[8])
    changed = 1
  end
elseif ARGV[6] ~= '0' and not l[5] and entered > tonumber(l[4] or '0') then
  -- A provider's stated rate is trusted. Without one, the limit is probed.
  local rate = narrowed(widened(tonumber(ARGV[6]), l[3], l[4], every))
  redis.call('HSET', limits, 'rate', rate, 'rateAt', now, 'why', ARGV[8])
  changed = 1
end
push(KEYS[1], limits, wait, ARGV[8])
redis.call('HSET', limits, 'askedUntil', now + asked)
keep(limits)
return { changed, width, now }`);

/**
 * Records the rate in the provider's headers. KEYS hold, limits · ARGV calls a minute, calls left, ms until the reset
 * ('' if unknown), why · returns 1.
 */
export const told = defineScript(`${PRELUDE}
local left, reset = tonumber(ARGV[2]), tonumber(ARGV[3])
if tonumber(ARGV[1]) and tonumber(ARGV[1]) > 0 then redis.call('HSET', KEYS[2], 'told', ARGV[1], 'toldAt', now) end
if left and reset and reset > 0 then
  if left == 0 then push(KEYS[1], KEYS[2], reset, ARGV[4])
  else redis.call('HSET', KEYS[2], 'paceMs', reset / left, 'paceUntil', now + reset) end
end
keep(KEYS[2])
return 1`);

/**
 * Counts a failure towards an outage. KEYS failures, blocked, limits · ARGV lease id, window ms, when it entered ·
 * returns the consecutive failures within the window; -1 when the lane is already blocked for an outage.
 */
export const fail = defineScript(`${PRELUDE}
local reason = redis.call('HGET', KEYS[2], 'reason')
if reason then return reason == 'outage' and -1 or 0 end
if tonumber(ARGV[3]) <= tonumber(redis.call('HGET', KEYS[3], 'openAt') or '0') then return 0 end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])`);

/**
 * Reads the gate's state. KEYS hold, slots, limits · ARGV concurrency, rate a minute (0: none), widen every ms ·
 * returns {concurrent calls, calls a minute ('' for unlimited), running calls, end of the hold (0: none), its reason,
 * when a limit was last lowered (0: never), the reason, Redis' time, end of the wait that the provider requested (0: no
 * hold)}.
 */
export const look = defineScript(`${PRELUDE}
local limits, rateTop, every = KEYS[3], tonumber(ARGV[2]), tonumber(ARGV[3])
local w = redis.call('HMGET', limits, 'width', 'widthAt', 'rateAt', 'why', 'holdWhy', 'askedUntil')
${PRESENT_RATE}
local width = widened(tonumber(ARGV[1]), w[1], w[2], every)
local untilMs = tonumber(redis.call('GET', KEYS[1]) or '0')
return { width, interval > 0 and tostring(60000 / interval) or '', redis.call('ZCOUNT', KEYS[2], now, '+inf'),
  untilMs > now and untilMs or 0, w[5] or '', math.max(tonumber(w[2] or '0'), tonumber(w[3] or '0')), w[4] or '', now,
  untilMs > now and tonumber(w[6] or '0') or 0 }`);
