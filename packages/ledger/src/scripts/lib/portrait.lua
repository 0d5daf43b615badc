-- The state of a portrait: 4 bits in states, and a count of each state in meta.

local function isTerminal(state) return state >= SUCCEEDED end

local function stateOf(i) return redis.call('BITFIELD', states, 'GET', 'u4', '#' .. i)[1] end

-- Changes the state and both counts together (P2).
local function setState(i, from, to)
  redis.call('BITFIELD', states, 'SET', 'u4', '#' .. i, to)
  redis.call('HINCRBY', meta, 'n' .. from, -1)
  redis.call('HINCRBY', meta, 'n' .. to, 1)
end

-- Changes the state, and keeps the sets that depend on it. Set funded holds the pending portraits that were called and that
-- money is authorized for: they go on while the budget is full.
local function move(i, from, to)
  if from > PENDING and not isTerminal(from) then redis.call('ZREM', waits, i) end
  if to == PENDING then
    -- A pending portrait has no next look, so it must not hold the batch back.
    redis.call('SREM', stuck, i)
    local summary = summaryOf(i)
    if summary and summary.called and summary.held > 0 and hasBudget() then redis.call('SADD', funded, i) end
  elseif from == PENDING and hasBudget() then
    redis.call('SREM', funded, i)
  end
  setState(i, from, to)
end
