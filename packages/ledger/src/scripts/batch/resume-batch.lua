-- Resumes a paused batch, and sets the budget of a paused or running one. maxCostMicro: the new budget, or ''; checksSpent:
-- 1 to refuse a budget that is not above the costs so far. Returns {state, 1 if it continues, 1 if the budget keeps it
-- paused} and, if the new budget is refused, the micro-USD spent and possibly spent. A resume resets the failure breaker.
-- include batch: revise, runningState
-- include budget: reviewBudget
-- include feed: announce
-- include order: answerOrder, precedes
local meta, states, receipts, breaker, funded, recalls, orders, feed = unpack(KEYS)
local orderId, orderSays, orderRevision, orderRound, maxCostMicro, checksSpent = unpack(ARGV)

return answerOrder({ 'pause' }, function()
  local state, pausedBy, maxCost, cost, lost, maybe = unpack(redis.call('HMGET', meta,
    'state', 'pausedBy', 'maxCostMicroUsd', 'costMicroUsd', 'lostMicroUsd', 'maybeMicroUsd'))
  local changesBudget = maxCostMicro ~= '' and maxCost and maxCostMicro ~= maxCost
  if changesBudget and precedes('budget') then return { 'stale', state } end
  local goesOn = state == 'running' or state == 'ingesting' or state == 'awaiting_confirmation'
  if checksSpent == '1' and ((state == 'paused' and maxCostMicro ~= '' and maxCost) or (goesOn and changesBudget)) then
    local spent, maybeSpent = cost + lost, tonumber(maybe)
    if tonumber(maxCostMicro) <= spent + maybeSpent then return { state, 0, 0, spent, maybeSpent } end
  end
  if state ~= 'paused' then
    if goesOn and changesBudget then
      redis.call('HSET', meta, 'maxCostMicroUsd', maxCostMicro)
      reviewBudget()
      revise('budget')
      announce('batch.budget_changed', { maxCostUsd = maxCostMicro / 1000000 })
    end
    return { state, goesOn and 1 or 0, 0 }
  end
  if pausedBy == 'budget' and (maxCostMicro == '' or tonumber(maxCostMicro) <= tonumber(maxCost)) then
    return { 'paused', 0, 1 }
  end
  if changesBudget then
    redis.call('HSET', meta, 'maxCostMicroUsd', maxCostMicro)
    reviewBudget()
  end
  redis.call('HINCRBY', meta, 'epoch', 1)
  redis.call('HDEL', meta, 'reason', 'pausedBy')
  redis.call('DEL', breaker)
  redis.call('HSET', meta, 'state', runningState())
  if changesBudget then revise('resume', 'budget') else revise('resume') end
  if changesBudget then announce('batch.budget_changed', { maxCostUsd = maxCostMicro / 1000000 }) end
  announce('batch.resumed')
  return { redis.call('HGET', meta, 'state'), 1, 0 }
end)
