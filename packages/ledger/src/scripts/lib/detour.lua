-- Portraits that were put off, or whose worker died.

-- Redis' clock, in ms.
local function redisNow()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Meta's hasDetours is set once a portrait was put off or a worker died. Without it, claims and settles skip the keys waits,
-- deaths and stuck.
local function noteDetour() redis.call('HSET', meta, 'hasDetours', 1) end

-- Notes what a portrait waits for, until its next move. reason: a WAIT_ constant; why: what failed, or ''. A score is the
-- reason times WAIT_SPAN_MS, plus the time of the next look.
local function putOff(i, reason, delayMs, why)
  noteDetour()
  redis.call('ZADD', waits, string.format('%.0f', reason * WAIT_SPAN_MS + redisNow() + delayMs), i)
  if why ~= '' then redis.call('HSET', meta, 'why:' .. reason, why) end
end

-- Keeps set stuck, when a portrait is put off: portraits whose paid result could not be fetched or stored. A portrait leaves
-- it when it waits for a provider or a blocked destination; every other reason leaves it as it is.
local function noteStuck(i, reason, isPaid)
  if (reason == WAIT_RESULT or reason == WAIT_STORAGE) and isPaid then
    redis.call('SADD', stuck, i)
  elseif reason == WAIT_PROVIDER_RETRY or reason == WAIT_PROVIDER_BUSY or reason == WAIT_RATE_LIMIT
    or reason == WAIT_LANE_BLOCKED or reason == WAIT_RECALL or reason == WAIT_DESTINATION_BLOCKED
    or reason == WAIT_OTHER_LANE then
    redis.call('SREM', stuck, i)
  end
end

-- field: the index, or 'index:alone' for a process that ran the portrait alone. Returns the deaths so far.
local function countDeath(field)
  noteDetour()
  return redis.call('HINCRBY', deaths, field, 1)
end

local function forgetDetours(i)
  redis.call('HDEL', deaths, i, i .. ':alone')
  redis.call('SREM', stuck, i)
end

-- The worker that a claim's token names; see workerOfToken.
local function workerOf(token) return string.match(token, '^(.*)/') end
