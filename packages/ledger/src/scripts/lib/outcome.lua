-- Helpers for outcomes: their lines for the report, and counts of the failures.

local function countFailure(code, by)
  if redis.call('HINCRBY', failures, code, by) <= 0 then redis.call('HDEL', failures, code) end
end

-- Returns the portrait's round and the batch's round. The portrait's round is the last one that opened it, either
-- individually or (meta's baseRound) together with all unstarted portraits of a stopped batch. round, baseRound: the fields
-- of meta.
local function roundsOf(i, round, baseRound)
  if not round or round == '0' then return 0, 0 end
  return math.max(redis.call('BITFIELD', rounds, 'GET', 'u8', '#' .. i)[1], tonumber(baseRound or '0')), tonumber(round)
end

local function roundOf(i)
  local m = redis.call('HMGET', meta, 'round', 'baseRound')
  return roundsOf(i, m[1], m[2])
end

-- Writes an outcome line. If the portrait failed or was cancelled, also counts it. isDetailed: also keeps the line. After the
-- first retry, a line contains both rounds.
local function recordIn(i, code, to, line, isDetailed, round, batchRound)
  if batchRound == 0 then redis.call('XADD', outcomes, '*', 'line', line)
  else redis.call('XADD', outcomes, '*', 'line', line, 'round', round, 'batchRound', batchRound) end
  if to >= FAILED then countFailure(code, 1) end
  if isDetailed then
    if redis.call('HLEN', details) < MOST_DETAILS then redis.call('HSET', details, i, line) end
  end
end

local function record(i, code, to, line)
  local round, batchRound = roundOf(i)
  recordIn(i, code, to, line, true, round, batchRound)
end
