-- Helpers for a batch's costs and budget. Amounts are in micro-USD.

-- Returns the sum that counts against the budget, the budget, and the amount held for portraits that must be recalled,
-- except portrait i. The sum consists of the cost, lost and maybe amounts of ended portraits, and of the amounts authorized
-- for the others.
local function committed(i)
  local m = redis.call('HMGET', meta, 'costMicroUsd', 'lostMicroUsd', 'maybeMicroUsd', 'authorizedMicroUsd', 'maxCostMicroUsd',
    'toRecall', 'toRecallMicroUsd')
  local others = tonumber(m[6] or 0)
  if i and others > 0 then others = others - redis.call('GETBIT', recalls, i) end
  return m[1] + m[2] + m[3] + (m[4] or 0), tonumber(m[5]), others * (m[7] or 0)
end

-- Returns the amount that the budget lacks for portrait i to cost `needs` in total, 0 or less if the budget covers that
-- amount. Also returns true if more is authorized than the budget allows. The amount held for portraits that must be
-- recalled counts only if portrait i needs more than is already held for it. Voiding the portrait's authorization does not
-- change the missing amount.
local function lacking(i, needs)
  local _, _, held = moneyIn(redis.call('HGET', receipts, i .. ':summary'))
  local sum, most, toRecall = committed(i)
  return sum - held + needs + (needs > held and toRecall or 0) - most, sum > most
end

-- Records that portrait i was refused, and that the budget is full. Meta's budgetNeeds is the total cost of the refused
-- portrait with the smallest need beyond its held amount; budgetNeedsBy is that portrait. A second refusal of the same
-- portrait replaces the first. keeps: the amount that the portrait holds from now on.
local function noteRefusal(i, needs, keeps)
  local known, by = unpack(redis.call('HMGET', meta, 'budgetNeeds', 'budgetNeedsBy'))
  if known and by ~= i then
    local _, _, held = moneyIn(redis.call('HGET', receipts, by .. ':summary'))
    if needs - keeps >= known - held then return end
  end
  redis.call('HSET', meta, 'budgetNeeds', string.format('%.0f', needs), 'budgetNeedsBy', i)
end

-- Must be called after money was released or the budget was raised. Once the budget covers the refused portrait, budgetNext
-- gives this portrait the next turn, even if another portrait was refused in the meantime. If the refused portrait has
-- ended, the other refused portraits are tried again.
local function reviewBudget()
  local needs, by = unpack(redis.call('HMGET', meta, 'budgetNeeds', 'budgetNeedsBy'))
  if not needs then return end
  local hasEnded = isTerminal(stateOf(by))
  if not hasEnded and lacking(by, tonumber(needs)) > 0 then return end
  redis.call('HDEL', meta, 'budgetNeeds', 'budgetNeedsBy')
  if hasEnded then return end
  redis.call('HSET', meta, 'budgetNext', by)
  if stateOf(by) == PENDING then redis.call('SADD', funded, by) end
end

-- Set by scripts that have already read the budget.
local hasBudgetKnown

local function hasBudget()
  if hasBudgetKnown == nil then hasBudgetKnown = redis.call('HEXISTS', meta, 'maxCostMicroUsd') == 1 end
  return hasBudgetKnown
end

-- Clears the portrait's bit in recalls, because the portrait was recalled, has ended, or holds its own amount. Returns true
-- if that released money. In a rebuilt batch with a budget, recalls marks portraits that may have been called before Redis
-- was lost: meta's toRecall is their number, and the budget holds toRecallMicroUsd for each until its provider was queried.
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
