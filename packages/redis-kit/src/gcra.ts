/**
 * Lua of a rate limit by one stored time (GCRA): `gcra(clock, now, intervalMs, burstMs)` takes a turn and returns 0, or
 * returns how long to wait (ms) and takes none. `clock` is a key; `burstMs` is how much of the future may be used up at
 * once.
 */
export const GCRA = `
local function gcra(clock, now, intervalMs, burstMs)
  local arrival = math.max(tonumber(redis.call('GET', clock) or '0'), now)
  local early = arrival - burstMs
  if early > now then return math.ceil(early - now) end
  redis.call('SET', clock, arrival + intervalMs, 'PX', math.ceil(arrival + intervalMs - now) + 60000)
  return 0
end`;
