-- Claims a portrait for a worker. Counts no money; see authorize.
--   takeOver   token of a claimant that is dead, or ''
--   now        epoch ms
--   rests      1 outside the batch's hours, 2 while its destination takes no writes, else 0
--   served     the worker's lane, or ''; own: the batch's lane
--   lookMs     until a blocked destination is looked at again
--   mostStuck  paid results that may wait to be stored
-- Returns one of:
--   {'claimed', receipt or '', 1 when it is only to be ended, its round, recoveries of the batch, 1 when diverted, the batch's
--     round, deaths, deaths alone, 1 after a wait for the account's limits or its lane, fence of the ingest, paid results that
--     could not be stored (0 while no more wait than may), 1 when the run may only ask the provider's memory, when the batch was
--     rebuilt (epoch ms) or 0}
--   {'held', token}  {'elsewhere', lane, epoch}  {'done'}  {'parked'}  {'waits'}  {'gone'}
-- Rules:
--   In a diverted batch a portrait that was called belongs to the lane of its receipt, every other one to the fallback.
--   A takeover from another worker counts a death, and too many deaths pause the batch. It also begins as from the backlog: a
--   batch that was paused since pays for nothing more.
--   While the batch rests, a paid picture is still fetched (unless its destination cannot take it: then it is retrying), and the
--   provider's memory is still asked for an unknown answer; nothing is paid in that run.
--   While too many paid results wait, a portrait without a paid call is parked; while the budget is full, one without a call.
--   While the budget is full, or in a pilot, a portrait that is to be recalled is only recalled.
-- bundled
-- include batch: lookBackTo, revise
-- include budget: hasBudgetKnown
-- include detour: countDeath, noteStuck, putOff, workerOf
-- include feed: announce
-- include outcome: roundsOf
-- include portrait: isTerminal, move, setState, stateOf
-- include receipt: readSummary
local meta, states, claims, receipts, rounds, funded, recalls, stuck, waits, deaths, feed = unpack(KEYS)
local i, token, takeOver, now, rests, served, own, lookMs, mostStuck = unpack(ARGV)

local batchState, cancelled, total, batchRound, baseRound, recovered, lane, fence, unstored, budgetNeeds, budgetNext, maxCost,
  startedAt, hasDetours, toRecall, pilot = unpack(redis.call('HMGET', meta, 'state', 'cancelled', 'total', 'round', 'baseRound',
    'recovered', 'lane', 'fence', 'unstored', 'budgetNeeds', 'budgetNext', 'maxCostMicroUsd', 'startedAt', 'hasDetours', 'toRecall',
    'pilot'))
if not batchState or tonumber(i) >= tonumber(total) then return {'gone'} end
local state = stateOf(i)
if isTerminal(state) or (state == PENDING and cancelled) then return {'done'} end
hasBudgetKnown = maxCost ~= false
local known = redis.call('HMGET', receipts, i, i .. ':summary')
local receipt, summary = known[1] or '', readSummary(known[2])
local called = summary ~= nil and summary.called
local isWhole = summary ~= nil and summary.whole
local isRunning = batchState == 'running' or batchState == 'ingesting'

local function park()
  redis.call('HDEL', claims, i)
  if state ~= PENDING then move(i, state, PENDING) end
  lookBackTo(i)
  return {'parked'}
end

-- True if the claim was already written, and only its answer was lost with the connection.
local isMine = false
local waited = hasDetours and redis.call('ZSCORE', waits, i)
local waitedFor = waited and math.floor(tonumber(waited) / WAIT_SPAN_MS)
local atGate = waitedFor == WAIT_RATE_LIMIT or waitedFor == WAIT_LANE_BLOCKED
if state == RUNNING then
  local holder = redis.call('HGET', claims, i)
  if holder and holder ~= token and holder ~= takeOver then
    putOff(i, WAIT_CLAIM_HELD, HELD_LOOK_MS, '')
    return {'held', holder}
  end
  redis.call('ZREM', waits, i)
  isMine = holder == token
  -- A worker that finds its own old claim has not died.
  if holder == takeOver and not isMine and workerOf(holder) ~= workerOf(token) then
    local died = countDeath(i)
    hasDetours = '1'
    if died % DEATHS_THAT_PAUSE == 0 and isRunning then
      local reason = 'the failure breaker: ' .. died .. ' workers died while they worked on portrait ' .. i ..
        ' among others; look at their memory and logs, then resume'
      redis.call('HSET', meta, 'state', 'paused', 'pausedBy', 'breaker', 'reason', reason)
      revise()
      announce('batch.paused', { by = 'breaker', reason = reason })
      return park()
    end
  end
end
if lane and served ~= '' then
  local home = called and (summary.lane ~= '' and summary.lane or own) or lane
  if home ~= served and called then
    redis.call('HDEL', claims, i)
    if state ~= RETRYING then move(i, state, RETRYING) end
    putOff(i, WAIT_OTHER_LANE, 0, 'the provider of lane ' .. home .. ' was called for it, so it stays there until it ends')
    return {'elsewhere', home, redis.call('HGET', meta, 'epoch')}
  end
  if home ~= served and not cancelled then return park() end
end
-- There are never more of them than paid portraits that are not stored.
local most = tonumber(mostStuck)
local stuckNow = tonumber(unstored or '0') > most and redis.call('SCARD', stuck) or 0
local asksOnly = 0
if not cancelled and not isWhole then
  local isHeldBack = stuckNow > most and not (summary and summary.paid)
  local isResting = rests ~= '0' or isHeldBack or not isRunning
  local isToRecall = toRecall and redis.call('GETBIT', recalls, i) == 1
  if isToRecall and (budgetNeeds or pilot) then asksOnly = 1
  elseif budgetNeeds and not called and not isMine and budgetNext ~= i then return park() end
  if isResting then
    -- Asked now, because the provider may later have forgotten the answer.
    if isMine or (rests ~= '2' and summary and summary.unanswered) then asksOnly = 1 else return park() end
  end
end
if not isMine then
  if rests == '2' and isWhole and not cancelled then
    redis.call('HDEL', claims, i)
    if state ~= RETRYING then move(i, state, RETRYING) end
    putOff(i, WAIT_DESTINATION_BLOCKED, tonumber(lookMs), '')
    noteStuck(i, WAIT_DESTINATION_BLOCKED, true)
    return {'waits'}
  end
  if state ~= RUNNING then
    if maxCost then move(i, state, RUNNING)
    else
      if waited then redis.call('ZREM', waits, i) end
      setState(i, state, RUNNING)
    end
  end
end
redis.call('HSET', claims, i, token)
if not startedAt then
  redis.call('HSET', meta, 'startedAt', now)
  announce('batch.started')
end
local ends = cancelled and (cancelled == '1' or not called or redis.call('HEXISTS', receipts, i .. ':givenUp') == 1)
-- After a deadline it continues, unless the batch was paused.
if cancelled and not ends and not isWhole then ends = redis.call('HEXISTS', meta, 'stoppedAtRest') == 1 end
local round = roundsOf(i, batchRound, baseRound)
local recoveries = recovered and tonumber(redis.call('HGET', meta, 'recoveries') or '1') or 0
local died = hasDetours and redis.call('HMGET', deaths, i, i .. ':alone') or {}
return {'claimed', receipt, ends and 1 or 0, round, recoveries, lane and 1 or 0, batchRound or '0',
  died[1] or '0', died[2] or '0', atGate and 1 or 0, fence or '0', stuckNow, asksOnly, recovered or '0'}
