/**
 * Lua for a rate limit with a single stored time (GCRA). `gcra(clock, now, intervalMs, burstMs)` admits a call and
 * returns 0, or rejects it and returns the wait in ms. `clock` is a key. `burstMs` is the allowed burst as a time.
 */
export const GCRA = `
local function gcra(clock, now, intervalMs, burstMs)
  local arrival = math.max(tonumber(redis.call('GET', clock) or '0'), now)
  local early = arrival - burstMs
  if early > now then return math.ceil(early - now) end
  redis.call('SET', clock, arrival + intervalMs, 'PX', math.ceil(arrival + intervalMs - now) + 60000)
  return 0
end`;
