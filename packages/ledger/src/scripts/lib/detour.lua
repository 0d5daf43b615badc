-- Helpers for portraits that were delayed, or whose worker died.

-- Returns the time of Redis' clock, in epoch ms.
local function redisNow()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Meta's hasDetours is set once a portrait was delayed or a worker died. Until then, claims and settles skip the keys waits,
-- deaths and stuck.
local function noteDetour() redis.call('HSET', meta, 'hasDetours', 1) end

-- Records what a portrait waits for, until its next state change. reason: a WAIT_ constant; why: what failed, or ''. The score
-- is the reason times WAIT_SPAN_MS, plus the time of the next check.
local function putOff(i, reason, delayMs, why)
  noteDetour()
  redis.call('ZADD', waits, string.format('%.0f', reason * WAIT_SPAN_MS + redisNow() + delayMs), i)
  if why ~= '' then redis.call('HSET', meta, 'why:' .. reason, why) end
end

-- Updates the set stuck when a portrait is delayed: portraits whose paid result could not be fetched or stored. A wait for a
-- provider or a blocked destination removes the portrait. Other reasons do not change the set.
local function noteStuck(i, reason, isPaid)
  if (reason == WAIT_RESULT or reason == WAIT_STORAGE) and isPaid then
    redis.call('SADD', stuck, i)
  elseif reason == WAIT_PROVIDER_RETRY or reason == WAIT_PROVIDER_BUSY or reason == WAIT_RATE_LIMIT
    or reason == WAIT_LANE_BLOCKED or reason == WAIT_RECALL or reason == WAIT_DESTINATION_BLOCKED
    or reason == WAIT_OTHER_LANE then
    redis.call('SREM', stuck, i)
  end
end

-- Counts a death. field: the index, or 'index:alone' for a process that ran only this portrait. Returns the number of
-- deaths.
local function countDeath(field)
  noteDetour()
  return redis.call('HINCRBY', deaths, field, 1)
end

local function forgetDetours(i)
  redis.call('HDEL', deaths, i, i .. ':alone')
  redis.call('SREM', stuck, i)
end

-- Returns the worker in a claim's token; see workerOfToken.
local function workerOf(token) return string.match(token, '^(.*)/') end
