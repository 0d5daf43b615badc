-- Ends a portrait: state, counts, costs and outcome line in one step. to: the state; billed: 'no', 'maybe' or 'yes'; day: in
-- UTC; lane: '' for the batch's own; cost, lost, maybe: micro-USD that were paid and delivered, paid and lost, and possibly
-- paid; detailed: 1 to keep the line. Returns {'applied', pending, queued, 1 if the failure breaker paused the batch}, {'duplicate'} or {'stale'}.
-- bundled
-- include batch: revise
-- include budget: hasBudgetKnown, reviewBudget, spend
-- include detour: forgetDetours
-- include feed: announce
-- include outcome: recordIn, roundsOf
-- include portrait: isTerminal, setState, stateOf
-- include receipt: dropReceipt, noteBilled
local meta, states, claims, receipts, outcomes, failures, details, breaker, rounds, funded, recalls, stuck, waits, deaths, feed = unpack(KEYS)
local i, token, to, code, line, billed, day, lane, cost, lost, maybe, detailed = unpack(ARGV)

local to, state = tonumber(to), stateOf(i)
local cancelled, pending, queued, breakerMinimum, breakerPercent, batchState, batchRound, baseRound, hasDetours, maxCost,
  budgetNeeds = unpack(redis.call('HMGET', meta, 'cancelled', 'n' .. PENDING, 'n' .. QUEUED, 'breakerMinimum', 'breakerPercent',
    'state', 'round', 'baseRound', 'hasDetours', 'maxCostMicroUsd', 'budgetNeeds'))
if isTerminal(state) or (state == PENDING and cancelled) then return {'duplicate'} end
if state ~= RUNNING or redis.call('HGET', claims, i) ~= token then return {'stale'} end
redis.call('HDEL', claims, i)
hasBudgetKnown = maxCost ~= false
dropReceipt(i)
if hasDetours then
  forgetDetours(i)
  redis.call('ZREM', waits, i)
end
setState(i, RUNNING, to)
recordIn(i, code, to, line, detailed == '1', roundsOf(i, batchRound, baseRound))
if to == FAILED then announce('portrait.failed', { index = tonumber(i), code = code, billed = billed }) end
noteBilled(billed, lane)
spend('cost', day, lane, cost)
spend('lost', day, lane, lost)
spend('maybe', day, lane, maybe)
if budgetNeeds then reviewBudget() end
local tripped = 0
if breakerMinimum and (to == SUCCEEDED or to == FAILED) then
  local ended = redis.call('HINCRBY', breaker, 'ended', 1)
  if to == FAILED then
    local same = redis.call('HINCRBY', breaker, code, 1)
    local isRunning = batchState == 'running' or batchState == 'ingesting'
    if ended >= tonumber(breakerMinimum) and same * 100 > tonumber(breakerPercent) * ended and isRunning then
      local reason = 'the failure breaker: ' .. same .. ' of the last ' .. ended .. ' portraits failed with ' .. code
      redis.call('HSET', meta, 'state', 'paused', 'pausedBy', 'breaker', 'reason', reason)
      revise()
      announce('batch.paused', { by = 'breaker', reason = reason })
      tripped = 1
    end
  end
  -- The breaker considers the last BREAKER_LOOKS_BACK portraits. When its counts reach twice that number, they are halved.
  if ended >= 2 * BREAKER_LOOKS_BACK then
    local all = redis.call('HGETALL', breaker)
    for k = 1, #all, 2 do redis.call('HSET', breaker, all[k], math.floor(tonumber(all[k + 1]) / 2)) end
  end
end
return {'applied', pending, queued, tripped}
