-- Claims a portrait for a worker. Authorizes no money; see authorize.
--   takeOver   token of a claimant that is dead, or ''
--   now        epoch ms
--   rests      1 outside the batch's run window, 2 while its destination refuses writes, else 0
--   served     the worker's lane, or ''; own: the batch's lane
--   lookMs     delay until a blocked destination is checked again
--   mostStuck  maximum number of paid results that may wait to be stored
--
-- Returns one of:
--   {'claimed', receipt or '', 1 if the portrait must only be ended, its round, recoveries of the batch, 1 if diverted,
--     the batch's round, deaths, deaths alone, 1 after a wait for the account's limits or its lane, fence of the
--     ingest, paid results that could not be stored (0 while within the maximum), 1 if the run may only query the
--     provider's memory, when the batch was rebuilt (epoch ms) or 0}
--   {'held', token}  {'elsewhere', lane, epoch}  {'done'}  {'parked'}  {'waits'}  {'gone'}
--
-- Rules:
--   In a diverted batch, a portrait with a call belongs to the lane of its receipt, every other portrait to the
--   fallback.
--   A takeover from another worker counts a death, and too many deaths pause the batch. Otherwise a takeover follows
--   the rules of a start from the backlog: a batch that was paused since pays for nothing more.
--   While the batch rests, a paid picture is still fetched (if its destination is blocked, the portrait is retrying
--   instead), and the provider's memory is still queried for an unknown answer. Such a run pays for nothing.
--   While too many paid results wait, a portrait without a paid call is parked. While the budget is full, a portrait
--   without a call is parked.
--   While the budget is full, or in a pilot, a portrait that must be recalled is only recalled.
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

-- True if the claim was already written, and only its reply was lost with the connection.
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
-- `stuck` is never larger than `unstored`, so a small `unstored` makes it unnecessary to read `stuck`.
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
    -- Queried now, because the provider may forget the answer later.
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
-- After a deadline the portrait continues, unless the batch was paused.
if cancelled and not ends and not isWhole then ends = redis.call('HEXISTS', meta, 'stoppedAtRest') == 1 end
local round = roundsOf(i, batchRound, baseRound)
local recoveries = recovered and tonumber(redis.call('HGET', meta, 'recoveries') or '1') or 0
local died = hasDetours and redis.call('HMGET', deaths, i, i .. ':alone') or {}
return {'claimed', receipt, ends and 1 or 0, round, recoveries, lane and 1 or 0, batchRound or '0',
  died[1] or '0', died[2] or '0', atGate and 1 or 0, fence or '0', stuckNow, asksOnly, recovered or '0'}
