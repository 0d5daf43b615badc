-- The batch's money. Amounts are micro-USD.

-- The sum that counts against the budget, the budget, and what the budget holds for portraits that are to be recalled, except
-- portrait i. The sum is what ended portraits cost, lost and may have cost, and what is authorized for the others.
local function committed(i)
  local m = redis.call('HMGET', meta, 'costMicroUsd', 'lostMicroUsd', 'maybeMicroUsd', 'authorizedMicroUsd', 'maxCostMicroUsd',
    'toRecall', 'toRecallMicroUsd')
  local others = tonumber(m[6] or 0)
  if i and others > 0 then others = others - redis.call('GETBIT', recalls, i) end
  return m[1] + m[2] + m[3] + (m[4] or 0), tonumber(m[5]), others * (m[7] or 0)
end

-- To be called where money was released or the budget was raised. Meta's budgetNeeds is there while the budget is full: it is
-- the least that a portrait was refused, and budgetNeedsBy is that portrait. Where the budget now pays for it, budgetNext
-- gives it the next turn, also if another portrait was refused meanwhile.
local function reviewBudget()
  local needs, by = unpack(redis.call('HMGET', meta, 'budgetNeeds', 'budgetNeedsBy'))
  if not needs then return end
  local sum, most, toRecall = committed()
  if sum + toRecall + needs > most then return end
  redis.call('HDEL', meta, 'budgetNeeds', 'budgetNeedsBy')
  redis.call('HSET', meta, 'budgetNext', by)
  if stateOf(by) == PENDING then redis.call('SADD', funded, by) end
end

-- Set by a script that has read the budget already.
local hasBudgetKnown

local function hasBudget()
  if hasBudgetKnown == nil then hasBudgetKnown = redis.call('HEXISTS', meta, 'maxCostMicroUsd') == 1 end
  return hasBudgetKnown
end

-- Clears the portrait's bit in recalls: it was recalled, has ended, or holds a sum of its own. Returns whether that released
-- money. In a rebuilt batch with a budget, recalls has a bit for each portrait that may have been called before Redis was lost.
-- Meta's toRecall counts these portraits, and the budget holds toRecallMicroUsd for each until its provider was asked.
local function noteRecalled(i)
  if not hasBudget() or redis.call('GETBIT', recalls, i) == 0 then return false end
  redis.call('SETBIT', recalls, i, 0)
  if redis.call('HINCRBY', meta, 'toRecall', -1) <= 0 then
    redis.call('HDEL', meta, 'toRecall', 'toRecallMicroUsd')
    redis.call('DEL', recalls)
  end
  return true
end

-- Adds what a portrait cost to the batch and to its day. lane: '' for the batch's own.
local function spend(sum, day, lane, micro)
  if tonumber(micro) ~= 0 then
    redis.call('HINCRBY', meta, sum .. 'MicroUsd', micro)
    redis.call('HINCRBY', meta, sum .. ':' .. day .. ':' .. lane, micro)
  end
end
