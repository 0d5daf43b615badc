-- Helpers for a batch's costs and budget. Amounts are in micro-USD.

-- Returns the sum that counts against the budget, the budget, and the amount held for portraits that must be recalled, except
-- portrait i. The sum consists of the cost, lost and maybe amounts of ended portraits, and of what is authorized for the
-- others.
local function committed(i)
  local m = redis.call('HMGET', meta, 'costMicroUsd', 'lostMicroUsd', 'maybeMicroUsd', 'authorizedMicroUsd', 'maxCostMicroUsd',
    'toRecall', 'toRecallMicroUsd')
  local others = tonumber(m[6] or 0)
  if i and others > 0 then others = others - redis.call('GETBIT', recalls, i) end
  return m[1] + m[2] + m[3] + (m[4] or 0), tonumber(m[5]), others * (m[7] or 0)
end

-- Must be called after money was released or the budget was raised. While the budget is full, meta's budgetNeeds is the
-- smallest amount that was refused, and budgetNeedsBy the portrait. Once the budget covers it, budgetNext gives this portrait
-- the next turn, even if another was refused meanwhile.
local function reviewBudget()
  local needs, by = unpack(redis.call('HMGET', meta, 'budgetNeeds', 'budgetNeedsBy'))
  if not needs then return end
  local sum, most, toRecall = committed()
  if sum + toRecall + needs > most then return end
  redis.call('HDEL', meta, 'budgetNeeds', 'budgetNeedsBy')
  redis.call('HSET', meta, 'budgetNext', by)
  if stateOf(by) == PENDING then redis.call('SADD', funded, by) end
end

-- Set by scripts that have already read the budget.
local hasBudgetKnown

local function hasBudget()
  if hasBudgetKnown == nil then hasBudgetKnown = redis.call('HEXISTS', meta, 'maxCostMicroUsd') == 1 end
  return hasBudgetKnown
end

-- Clears the portrait's bit in recalls, because it was recalled, has ended, or holds its own amount. Returns true if that
-- released money. In a rebuilt batch with a budget, recalls marks portraits that may have been called before Redis was lost:
-- meta's toRecall is their number, and the budget holds toRecallMicroUsd for each until its provider was queried.
local function noteRecalled(i)
  if not hasBudget() or redis.call('GETBIT', recalls, i) == 0 then return false end
  redis.call('SETBIT', recalls, i, 0)
  if redis.call('HINCRBY', meta, 'toRecall', -1) <= 0 then
    redis.call('HDEL', meta, 'toRecall', 'toRecallMicroUsd')
    redis.call('DEL', recalls)
  end
  return true
end

-- Adds a portrait's cost to the sums of the batch and of the day. lane: '' for the batch's own.
local function spend(sum, day, lane, micro)
  if tonumber(micro) ~= 0 then
    redis.call('HINCRBY', meta, sum .. 'MicroUsd', micro)
    redis.call('HINCRBY', meta, sum .. ':' .. day .. ':' .. lane, micro)
  end
end
