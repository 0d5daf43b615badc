import { DEATHS_THAT_PAUSE, protocolMs } from "@darkroom/core";
import { ledgerScript, reasonNumber, WAIT_SPAN_MS } from "./ledger-script.ts";

/** When a portrait is held by a living worker, its job looks again after this. */
export const HELD_LOOK_MS = protocolMs(5_000);

/** Portraits that one look for pending ones goes over at most; a byte holds two. */
export const LOOK_PORTRAITS = 131_072;
/**
 * The next pending portraits from the cursor on, changing nothing: of the pilot first, where there is one. While the budget
 * is full, only those that money is authorized for, and those that are to be recalled. lane: the one that is fed, or '' ·
 * returns epoch, the cursor before and after them, and their indexes; an empty list when the batch may not be dispatched, or not to this lane any more.
 */
export const peekPending = ledgerScript(
  ["limit", "lane"],
  `
local m = redis.call('HMGET', meta, 'state', 'epoch', 'cursor', 'total', 'n0', 'confirm', 'pilot', 'pilotPicks', 'reopening',
  'lane', 'budgetNeeds', 'toRecall')
if m[10] and lane ~= '' and m[10] ~= lane then return {} end
if (m[1] ~= 'running' and m[1] ~= 'ingesting') or m[5] == '0' or m[6] or m[9] then return {} end
local cursor, total, limit = tonumber(m[3]), tonumber(m[4]), tonumber(limit)
local found = { m[2], m[3], m[3] }
if m[11] then
  for _, i in ipairs(redis.call('SRANDMEMBER', funded, limit)) do found[#found + 1] = tonumber(i) end
  local bit = m[12] and redis.call('BITPOS', recalls, 1) or -1
  while bit >= 0 and #found - 3 < limit do
    local byte = math.floor(bit / 8)
    for i = byte * 8, byte * 8 + 7 do
      local isMeant = #found - 3 < limit and redis.call('GETBIT', recalls, i) == 1 and stateOf(i) == PENDING
      if isMeant then found[#found + 1] = i end
    end
    bit = redis.call('BITPOS', recalls, 1, byte + 1)
  end
  return #found > 3 and found or {}
end
if m[7] then
  for i in string.gmatch(m[8] or '', '%d+') do
    if #found - 3 < limit and stateOf(i) == PENDING then found[#found + 1] = tonumber(i) end
  end
  return found
end
local read = 0
while cursor < total and #found - 3 < limit and read < ${LOOK_PORTRAITS / 2} do
  local first = math.floor(cursor / 2)
  local chunk = redis.call('GETRANGE', states, first, first + 1023)
  for b = 1, 1024 do
    local byte = string.byte(chunk, b) or 0
    local pair = (first + b - 1) * 2
    if pair >= cursor and pair < total and byte < 16 and #found - 3 < limit then found[#found + 1] = pair end
    if #found - 3 >= limit then
      if pair >= cursor then cursor = pair + 1 end
      break
    end
    if pair + 1 >= cursor and pair + 1 < total and byte % 16 == 0 then found[#found + 1] = pair + 1 end
    cursor = pair + 2
    if cursor >= total or #found - 3 >= limit then break end
  end
  read = read + 1024
end
if cursor > total then cursor = total end
found[3] = cursor
return found`,
);

/**
 * Marks portraits as queued after their jobs were added. from, to: the cursor before and after them; then their indexes ·
 * returns how many moved. A cursor that somebody has moved meanwhile (a portrait is pending again) stays there, and none goes
 * past a portrait that has become pending ahead of it.
 * A pause or a resume in between has raised the epoch or changed the state: then nothing is marked, and the jobs find
 * the portraits pending, which a claim accepts.
 */
export const markQueued = ledgerScript(
  ["epoch", "from", "to"],
  `
local m = redis.call('HMGET', meta, 'state', 'epoch', 'cursor', 'lookBack')
if (m[1] ~= 'running' and m[1] ~= 'ingesting') or m[2] ~= epoch then return 0 end
local moved = 0
for a = LIST, #ARGV do
  local i = ARGV[a]
  if stateOf(i) == PENDING then
    if hasBudget() then move(i, PENDING, QUEUED) else redis.call('BITFIELD', states, 'SET', 'u4', '#' .. i, QUEUED) end
    moved = moved + 1
  end
end
if moved > 0 and not hasBudget() then
  redis.call('HINCRBY', meta, 'n' .. PENDING, -moved)
  redis.call('HINCRBY', meta, 'n' .. QUEUED, moved)
end
if m[3] == from and to ~= from then
  redis.call('HSET', meta, 'cursor', m[4] and math.min(tonumber(to), tonumber(m[4])) or to)
  if m[4] then redis.call('HDEL', meta, 'lookBack') end
end
return moved`,
);

/**
 * A worker takes a portrait. takeOver: the dead claimant's token, or ''; now: ms; rests: 1 while the batch's hours are over,
 * 2 while its destination takes no writes, else 0; served: the worker's lane, or ''; own: the batch's lane; lookMs: how soon
 * a destination is looked at again; mostStuck: how many paid results may wait to be stored ·
 * returns {'claimed', receipt or '', cancelled 0|1, its round, how often the batch was recovered, diverted 0|1, the batch's round, deaths,
 * deaths alone, 1 where it waited for the account's limits or for its lane, the fence of the ingest, paid results that could not be
 * fetched or stored, 0 where they are no more than may wait, 1 where nothing may be paid for and only the provider's memory asked,
 * when the batch was rebuilt (ms) or 0} ·
 * {'held', token} · {'elsewhere', lane, epoch} · {'done'} · {'parked'} · {'waits'} · {'gone'}. In a diverted batch a portrait that a provider was called for belongs to the lane of its receipt,
 * and every other one to the fallback. Whoever takes over from a dead worker begins as from the backlog: a batch that was
 * paused since pays for nothing more. A paid picture that is not stored yet is fetched
 * whatever rests, but for a destination that cannot take it: it is retrying then. A call whose answer may be found is asked
 * for whatever rests, too, and nothing is paid for in that run. Where too many paid results wait to be
 * stored, a portrait that nothing is known to be paid for is pending again, and so is one that was never called while the
 * budget is full. While it is full, or in a pilot, a portrait that is to be recalled is only recalled. No money is counted here: see
 * `authorize`.
 * A takeover from another worker counts a death of the portrait. Too many of them pause the batch.
 */
export const claim = ledgerScript(
  ["i", "token", "takeOver", "now", "rests", "served", "own", "lookMs", "mostStuck"],
  `
local batchState, cancelled, total, batchRound, baseRound, recovered, lane, fence, unstored, budgetNeeds, budgetNext, maxCost,
  startedAt, hasDetours, toRecall, pilot = unpack(redis.call('HMGET', meta, 'state', 'cancelled', 'total', 'round', 'baseRound',
    'recovered', 'lane', 'fence', 'unstored', 'budgetNeeds', 'budgetNext', 'maxCostMicroUsd', 'startedAt', 'hasDetours', 'toRecall',
    'pilot'))
if not batchState or tonumber(i) >= tonumber(total) then return {'gone'} end
local state = stateOf(i)
if isEnded(state) or (state == PENDING and cancelled) then return {'done'} end
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

-- Its claim was written already, and only the answer was lost with the connection.
local isMine = false
local waited = hasDetours and redis.call('ZSCORE', waits, i)
local waitedFor = waited and math.floor(tonumber(waited) / ${WAIT_SPAN_MS})
local atGate = waitedFor == ${reasonNumber("rate_limit")} or waitedFor == ${reasonNumber("lane_blocked")}
if state == RUNNING then
  local holder = redis.call('HGET', claims, i)
  if holder and holder ~= token and holder ~= takeOver then
    putOff(i, ${reasonNumber("claim_held")}, ${HELD_LOOK_MS}, '')
    return {'held', holder}
  end
  redis.call('ZREM', waits, i)
  isMine = holder == token
  -- A worker that finds a leftover of its own has not died.
  if holder == takeOver and not isMine and workerOf(holder) ~= workerOf(token) then
    local died = countDeath(i)
    hasDetours = '1'
    if died % ${DEATHS_THAT_PAUSE} == 0 and isRunning then
      redis.call('HSET', meta, 'state', 'paused', 'pausedBy', 'breaker', 'reason', 'the failure breaker: ' .. died ..
        ' workers died while they worked on portrait ' .. i .. ' among others; look at their memory and logs, then resume')
      revise()
      return park()
    end
  end
end
if lane and served ~= '' then
  local home = called and (summary.lane ~= '' and summary.lane or own) or lane
  if home ~= served and called then
    redis.call('HDEL', claims, i)
    if state ~= RETRYING then move(i, state, RETRYING) end
    putOff(i, ${reasonNumber("other_lane")}, 0, 'lane ' .. home .. ' was called for it and has it until it ends')
    return {'elsewhere', home, redis.call('HGET', meta, 'epoch')}
  end
  if home ~= served and not cancelled then return park() end
end
-- There are never more of them than portraits that are paid and not stored.
local most = tonumber(mostStuck)
local stuckNow = tonumber(unstored or '0') > most and redis.call('SCARD', stuck) or 0
local asksOnly = 0
if not cancelled and not isWhole then
  local isHeldBack = stuckNow > most and not (summary and summary.paid)
  local isResting = rests ~= '0' or isHeldBack or not isRunning
  -- While the budget is full nothing is begun. What was called before is asked for, and goes on with what is authorized.
  local isToRecall = toRecall and redis.call('GETBIT', recalls, i) == 1
  if isToRecall and (budgetNeeds or pilot) then asksOnly = 1
  elseif budgetNeeds and not called and not isMine and budgetNext ~= i then return park() end
  if isResting then
    -- Nothing is paid for. Its answer is looked for all the same: the provider's memory may have forgotten it later.
    if isMine or (rests ~= '2' and summary and summary.unanswered) then asksOnly = 1 else return park() end
  end
end
if not isMine then
  -- It can be stored nowhere: it keeps its receipt and waits, and nothing is fetched.
  if rests == '2' and isWhole and not cancelled then
    redis.call('HDEL', claims, i)
    if state ~= RETRYING then move(i, state, RETRYING) end
    putOff(i, ${reasonNumber("destination_blocked")}, tonumber(lookMs), '')
    noteStuck(i, ${reasonNumber("destination_blocked")}, true)
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
if not startedAt then redis.call('HSET', meta, 'startedAt', now) end
local ends = cancelled and (cancelled == '1' or not called or redis.call('HEXISTS', receipts, i .. ':givenUp') == 1)
-- A deadline lets it go on, but not against a pause.
if cancelled and not ends and not isWhole then ends = redis.call('HEXISTS', meta, 'stoppedAtRest') == 1 end
local round = roundsOf(i, batchRound, baseRound)
local recoveries = recovered and tonumber(redis.call('HGET', meta, 'recoveries') or '1') or 0
local died = hasDetours and redis.call('HMGET', deaths, i, i .. ':alone') or {}
return {'claimed', receipt, ends and 1 or 0, round, recoveries, lane and 1 or 0, batchRound or '0',
  died[1] or '0', died[2] or '0', atGate and 1 or 0, fence or '0', stuckNow, asksOnly, recovered or '0'}`,
);

/**
 * Puts a portrait back among the pending ones that waits for a worker which is not there. Returns 1, or 0 when it does not
 * wait: it has ended, its batch was stopped, or a worker holds it.
 */
export const park = ledgerScript(
  ["i"],
  `
local m = redis.call('HMGET', meta, 'total', 'cancelled')
if not m[1] or m[2] or tonumber(i) >= tonumber(m[1]) then return 0 end
local state = stateOf(i)
if state ~= QUEUED and state ~= RETRYING then return 0 end
move(i, state, PENDING)
lookBackTo(i)
return 1`,
);

/** Writes the receipt of a claimed portrait; an intent is written by `authorize`. Returns 1, or 0 when the claim is lost. */
export const writeReceipt = ledgerScript(
  ["i", "token", "receipt", "summary"],
  `
if redis.call('HGET', claims, i) ~= token then return 0 end
putReceipt(i, receipt, summary)
return 1`,
);

/**
 * Writes the receipt with the intent of a call, where the account may work for the batch and the budget pays for all that the
 * portrait may come to cost with it: the one place where money is promised. Meta's account:<lane> is the account of the
 * batch's last intent in a lane. One whose key was refused before it ever worked gives way to another, unless a call of the
 * batch may still be with it. keeps: what is held for the portrait without this intent; incurred: what its calls so
 * far may have cost (micro-USD). What is held for portraits that are to be recalled counts against a portrait that wants more than
 * it holds. lane, account: of the call, '' where the batch needs no account; ordered: the account that
 * it was accepted with; former: marks that the account stands for, refused: marks of keys that were never accepted, each
 * between commas · returns {1}, {0} when the claim is lost, {3, the account that has worked for it} when that is another
 * one: nothing is written; or {2, 1 where more is authorized than the budget
 * has, so that what is held for the portrait beyond its calls is to be voided, 1 where its batch was stopped} when the
 * budget does not pay for it: nothing is written then, and the budget is full.
 */
export const authorize = ledgerScript(
  ["i", "token", "receipt", "summary", "keeps", "incurred", "lane", "account", "ordered", "former", "refused"],
  `
if redis.call('HGET', claims, i) ~= token then return {0} end
local bound = account ~= '' and redis.call('HGET', meta, 'account:' .. lane)
if account ~= '' and bound ~= account then
  local by = bound or ordered
  local function isIn(list) return string.find(list, ',' .. by .. ',', 1, true) ~= nil end
  if by ~= account and not isIn(former) then
    if not isIn(refused) or redis.call('HEXISTS', meta, 'recovered') == 1 or hasCallsIn(lane) then return {3, by} end
  end
end
if hasBudget() then
  local _, _, held = moneyIn(redis.call('HGET', receipts, i .. ':summary'))
  local _, _, wants = moneyIn(summary)
  local sum, most, toRecall = committed(i)
  if sum + (wants > held and toRecall or 0) - held + wants > most then
    local isOver = sum > most
    local needs = math.max(0, wants - (isOver and incurred or keeps))
    local known = redis.call('HGET', meta, 'budgetNeeds')
    if not known or needs < tonumber(known) then
      redis.call('HSET', meta, 'budgetNeeds', string.format('%.0f', needs), 'budgetNeedsBy', i)
    end
    return { 2, isOver and 1 or 0, redis.call('HEXISTS', meta, 'cancelled') }
  end
end
if account ~= '' and bound ~= account then redis.call('HSET', meta, 'account:' .. lane, account) end
putReceipt(i, receipt, summary)
return {1}`,
);

/**
 * Gives back the claim of a portrait that the budget did not pay for, or that was recalled in vain. It is pending, and not among
 * those that go on while the budget is full. receipt, summary: '' where there is none; recalled: 1 where its provider was asked
 * for calls from before Redis was lost · returns 1, 0 when the claim is lost, or 2 where it is queued and keeps its job: to be
 * recalled, or to be ended in a stopped batch.
 */
export const leaveUnfunded = ledgerScript(
  ["i", "token", "receipt", "summary", "recalled"],
  `
if redis.call('HGET', claims, i) ~= token then return 0 end
redis.call('HDEL', claims, i)
if receipt ~= '' then putReceipt(i, receipt, summary) end
if recalled == '1' then noteRecalled(i) end
local isToRecall = hasBudget() and redis.call('GETBIT', recalls, i) == 1
if isToRecall or redis.call('HEXISTS', meta, 'cancelled') == 1 then
  move(i, RUNNING, QUEUED)
  return 2
end
move(i, RUNNING, PENDING)
redis.call('SREM', funded, i)
lookBackTo(i)
reviewBudget()
return 1`,
);

/**
 * Pauses a batch whose budget is full, where nothing of it is in flight that could release money, none of its pending
 * portraits can go on with what is authorized, and none is to be recalled. Returns 1 when it is paused.
 */
export const pauseAtBudget = ledgerScript(
  [],
  `
local m = redis.call('HMGET', meta, 'budgetNeeds', 'state', 'reopening', 'n0', 'n1', 'n2', 'n3', 'maybeMicroUsd', 'authorizedMicroUsd', 'toRecall')
if not m[1] or m[10] or (m[2] ~= 'running' and m[2] ~= 'ingesting') or m[3] or m[4] == '0' then return 0 end
if m[5] + m[6] + m[7] > 0 or redis.call('SCARD', funded) > 0 then return 0 end
local sum, most = committed()
-- With two decimals at least.
local function usd(micro) return (string.gsub(string.format('%.6f', micro / 1000000), '(%.%d%d%d-)0+$', '%1')) end
local maybe, held = tonumber(m[8]), tonumber(m[9] or '0')
redis.call('HSET', meta, 'state', 'paused', 'pausedBy', 'budget', 'reason', 'the budget: ' .. usd(sum - maybe - held) .. ' of ' ..
  usd(most) .. ' USD are spent' .. (maybe > 0 and ', ' .. usd(maybe) .. ' more may have been billed without an answer' or '') ..
  (held > 0 and ', ' .. usd(held) .. ' are held for portraits that have begun' or '') .. ', and to continue takes ' ..
  usd(sum + m[1] - most) .. ' USD more; resume with a higher one, or cancel')
revise()
return 1`,
);

/**
 * Takes a claim back that Redis has forgotten, with the receipt of what is under way; one that is there is left as it is,
 * as its receipt may be newer. round: the one in which it was called first; fence: under which its row was read ·
 * returns {1}, or {0} when the portrait has ended, is of another round now, another holds it, or has called a provider for
 * it since: that one's receipt knows more; {2, fence} when the source was read anew since, under that fence: the index may
 * be another portrait's.
 */
export const reclaim = ledgerScript(
  ["i", "token", "receipt", "summary", "round", "fence"],
  `
local m = redis.call('HMGET', meta, 'total', 'cancelled', 'fence')
if not m[1] or tonumber(i) >= tonumber(m[1]) then return {0} end
local state = stateOf(i)
if isEnded(state) or (state == PENDING and m[2]) or roundOf(i) ~= tonumber(round) then return {0} end
if state == RUNNING then
  local holder = redis.call('HGET', claims, i)
  if holder then return { holder == token and 1 or 0 } end
end
if (m[3] or '0') ~= fence then return {2, m[3] or '0'} end
local known, own = summaryOf(i), readSummary(summary)
if known and known.called and (known.first ~= own.first or known.last > own.last) then return {0} end
if state ~= RUNNING then move(i, state, RUNNING) end
redis.call('HSET', claims, i, token)
putReceipt(i, receipt, summary)
return {1}`,
);

/**
 * Gives a claim back. to: QUEUED or RETRYING; receipt, summary: '' where they stay what they are; lane: the worker's, or '';
 * reason: number of the reason to wait; lookMs: until the next look; why: what failed, or '' · returns when that look is
 * (ms, Redis' clock), or 0 when the claim is lost. What waits for a lane that the batch was diverted from is retrying where
 * its provider was called, so that it takes no room in the fallback's window; everything else is pending again.
 */
export const leave = ledgerScript(
  ["i", "token", "to", "receipt", "summary", "lane", "reason", "lookMs", "why"],
  `
if redis.call('HGET', claims, i) ~= token then return 0 end
redis.call('HDEL', claims, i)
if receipt ~= '' then putReceipt(i, receipt, summary) end
local known = summaryOf(i)
local to = tonumber(to)
local m = redis.call('HMGET', meta, 'lane', 'cancelled')
if m[1] and lane ~= '' and m[1] ~= lane then
  if known and known.called then
    to = RETRYING
  elseif not m[2] then
    to = PENDING
    lookBackTo(i)
  end
end
move(i, RUNNING, to)
if to ~= PENDING then
  putOff(i, reason, lookMs, why)
  noteStuck(i, tonumber(reason), known ~= nil and known.paid)
end
return redisNow() + tonumber(lookMs)`,
);

/** The failure breaker looks back over this many portraits: the counts are halved when there are twice as many. */
export const BREAKER_LOOKS_BACK = 100;

/**
 * Ends a portrait. to: the state; billed: maybe billed 0|1; lane: '' for the batch's own; cost, lost, maybe: micro-USD of
 * what was delivered, lost, maybe paid ·
 * returns {'applied', pending, queued, 1 when the failure breaker paused the batch} · {'duplicate'} · {'stale'}.
 */
export const settle = ledgerScript(
  ["i", "token", "to", "code", "line", "billed", "day", "lane", "cost", "lost", "maybe"],
  `
local to, state = tonumber(to), stateOf(i)
local cancelled, pending, queued, breakerMinimum, breakerPercent, batchState, batchRound, baseRound, hasDetours, maxCost,
  budgetNeeds = unpack(redis.call('HMGET', meta, 'cancelled', 'n' .. PENDING, 'n' .. QUEUED, 'breakerMinimum', 'breakerPercent', 'state',
    'round', 'baseRound', 'hasDetours', 'maxCostMicroUsd', 'budgetNeeds'))
if isEnded(state) or (state == PENDING and cancelled) then return {'duplicate'} end
if state ~= RUNNING or redis.call('HGET', claims, i) ~= token then return {'stale'} end
redis.call('HDEL', claims, i)
hasBudgetKnown = maxCost ~= false
dropReceipt(i)
if hasDetours then
  forgetDetours(i)
  redis.call('ZREM', waits, i)
end
setState(i, RUNNING, to)
recordIn(i, code, to, line, roundsOf(i, batchRound, baseRound))
if billed == '1' then redis.call('HINCRBY', meta, 'maybeBilled', 1) end
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
      redis.call('HSET', meta, 'state', 'paused', 'pausedBy', 'breaker', 'reason', 'the failure breaker: ' .. same ..
        ' of the last ' .. ended .. ' portraits failed with ' .. code)
      revise()
      tripped = 1
    end
  end
  if ended >= ${2 * BREAKER_LOOKS_BACK} then
    local all = redis.call('HGETALL', breaker)
    for k = 1, #all, 2 do redis.call('HSET', breaker, all[k], math.floor(tonumber(all[k + 1]) / 2)) end
  end
end
return {'applied', pending, queued, tripped}`,
);

/**
 * Ends what is queued or retrying in a cancelled batch. Index and outcome line, in turn · returns how many.
 * Only for portraits whose receipt says that no provider was called; see `endStopped` for the others.
 */
export const cancelWaiting = ledgerScript(
  [],
  `
if redis.call('HEXISTS', meta, 'cancelled') == 0 then return 0 end
local moved = 0
for a = LIST, #ARGV, 2 do
  local i = ARGV[a]
  local state = stateOf(i)
  if (state == QUEUED or state == RETRYING) and not wasCalled(i) then
    dropReceipt(i)
    forgetDetours(i)
    move(i, state, CANCELLED)
    record(i, redis.call('HGET', meta, 'stopCode'), CANCELLED, ARGV[a + 1])
    moved = moved + 1
  end
end
return moved`,
);
