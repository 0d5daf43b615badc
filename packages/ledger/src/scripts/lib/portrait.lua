-- Helpers for portrait states: 4 bits each in states, with the count of each state in meta.

local function isTerminal(state) return state >= SUCCEEDED end

local function stateOf(i) return redis.call('BITFIELD', states, 'GET', 'u4', '#' .. i)[1] end

-- Changes the state and both counts together (P2).
local function setState(i, from, to)
  redis.call('BITFIELD', states, 'SET', 'u4', '#' .. i, to)
  redis.call('HINCRBY', meta, 'n' .. from, -1)
  redis.call('HINCRBY', meta, 'n' .. to, 1)
end

-- Changes the state, and updates the sets that depend on it. The set funded contains pending portraits with a call and an
-- authorized amount. Such portraits continue while the budget is full.
local function move(i, from, to)
  if from > PENDING and not isTerminal(from) then redis.call('ZREM', waits, i) end
  if to == PENDING then
    -- A pending portrait has no next check, so it must not delay the batch.
    redis.call('SREM', stuck, i)
    local summary = summaryOf(i)
    if summary and summary.called and summary.held > 0 and hasBudget() then redis.call('SADD', funded, i) end
  elseif from == PENDING and hasBudget() then
    redis.call('SREM', funded, i)
  end
  setState(i, from, to)
end
