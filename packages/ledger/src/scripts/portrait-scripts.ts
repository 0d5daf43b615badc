import { DEATHS_THAT_PAUSE, protocolMs } from "@darkroom/core";
import { ledgerScript, reasonNumber, WAIT_SPAN_MS } from "./ledger-script.ts";

/** When a portrait is held by a living worker, its job looks again after this. */
export const HELD_LOOK_MS = protocolMs(5_000);

/** Portraits that one look for pending ones goes over at most; a byte holds two. */
export const LOOK_PORTRAITS = 131_072;
/** Half-paid portraits that a budget is looked at for, where there are many. */
const HALF_PAID_LOOKED_AT = 100;

/**
 * The next pending portraits from the cursor on, changing nothing: of the pilot first, where there is one. With a budget
 * those whose first steps are paid go before all others, which could find too little left beside them; where it pays for
 * none of them and nothing is in flight, the script pauses the batch with the amount that the budget lacks. ARGV limit, the lane that is fed or
 * '' · returns epoch, the cursor before and after them, and their indexes; an empty list when the
 * batch may not be dispatched, or not to this lane any more.
 */
export const peekPending = ledgerScript(`
local m = redis.call('HMGET', meta, 'state', 'epoch', 'cursor', 'total', 'n0', 'confirm', 'pilot', 'pilotPicks', 'reopening', 'lane')
if m[10] and ARGV[2] ~= '' and m[10] ~= ARGV[2] then return {} end
if (m[1] ~= 'running' and m[1] ~= 'ingesting') or m[5] == '0' or m[6] or m[9] then return {} end
local cursor, total, limit = tonumber(m[3]), tonumber(m[4]), tonumber(ARGV[1])
local found = { m[2], m[3], m[3] }
local halfPaid = redis.call('SRANDMEMBER', paidInRow, math.max(limit, ${HALF_PAID_LOOKED_AT}))
if #halfPaid > 0 and hasBudget() then
  local b = redis.call('HMGET', meta, 'maxCostMicroUsd', 'reserveMicroUsd', 'costMicroUsd', 'lostMicroUsd', 'maybeBilled',
    'maybeMicroUsd', 'heldMicroUsd', 'inRowMicroUsd', 'n1', 'n2', 'n3')
  for at = 1, 11 do b[at] = tonumber(b[at] or '0') end
  local reserve, flying = b[2], b[9] + b[10] + b[11]
  -- As the claim counts: the steps that are paid of the one that goes are within its reserve, those of the others are not.
  local aside = b[3] + b[4] + math.max(b[5] * reserve, b[6]) + b[7] + b[8]
  local missing
  for _, i in ipairs(halfPaid) do
    local _, linked = heldFor(redis.call('HGET', receipts, i), 0)
    local over = aside - linked + (flying + 1) * reserve - b[1]
    if over <= 0 and #found - 3 < limit then
      found[#found + 1] = tonumber(i)
      aside, flying = aside - linked, flying + 1
    end
    if not missing or over < missing then missing = over end
  end
  if #found > 3 then return found end
  if flying == 0 then
    redis.call('HSET', meta, 'state', 'paused', 'pausedBy', 'budget', 'reason', 'the budget: ' ..
      string.format('%.4f of %.4f USD are spent, also on first steps of portraits that wait, and to go on with one of ' ..
      'them takes %.4f USD more', aside / 1000000, b[1] / 1000000, missing / 1000000) ..
      '; resume with a higher one, or cancel')
    revise()
  end
  return {}
end
if m[7] then
  for i in string.gmatch(m[8] or '', '%d+') do
    if #found - 3 < limit and stateOf(i) == 0 then found[#found + 1] = tonumber(i) end
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
return found`);

/**
 * Marks portraits as queued after their jobs were added. ARGV epoch, the cursor before and after them, then indexes ·
 * returns how many moved. A cursor that somebody has moved meanwhile (a portrait went back into the row) stays there.
 * A pause or a resume in between has raised the epoch or changed the state: then nothing is marked, and the jobs find
 * the portraits pending, which a claim accepts.
 */
export const markQueued = ledgerScript(`
local m = redis.call('HMGET', meta, 'state', 'epoch', 'cursor')
if (m[1] ~= 'running' and m[1] ~= 'ingesting') or m[2] ~= ARGV[1] then return 0 end
local moved = 0
for a = 4, #ARGV do
  if stateOf(ARGV[a]) == 0 then
    move(ARGV[a], 0, 1)
    moved = moved + 1
  end
end
if m[3] == ARGV[2] then redis.call('HSET', meta, 'cursor', ARGV[3]) end
return moved`);

/**
 * A worker takes a portrait. ARGV index, token, the dead claimant's token to take over from (or ''), now (ms), 1 while
 * the batch's hours are over or 2 while its destination takes no writes, the worker's lane or '', the batch's own lane, how
 * soon a destination is looked at again (ms), how many paid results may wait to be stored ·
 * returns {'claimed', receipt or '', cancelled 0|1, its round, how often the batch was recovered, diverted 0|1, the batch's round, deaths,
 * deaths alone, 1 where it waited for the account's limits or for its lane, the fence of the ingest, paid results that could not be
 * fetched or stored, 0 where they are no more than may wait, 1 where nothing may be paid for and only the provider's memory asked} ·
 * {'held', token} · {'elsewhere', lane, epoch} · {'done'} · {'parked'} · {'waits'} · {'gone'}. In a diverted batch a portrait that a provider was called for belongs to the lane of its receipt,
 * and every other one to the fallback. Whoever takes over from a dead worker begins as from the row: a batch that was
 * paused since pays for nothing more. A paid picture that is not stored yet is fetched
 * whatever rests, but for a destination that cannot take it: it is retrying then. A call whose answer may be found is asked
 * for whatever rests, too, and nothing is paid for in that run. Where too many paid results wait to be
 * stored, a portrait that nothing is known to be paid for goes back into the row. A budget is kept
 * here to the cent, whatever was dispatched: what the calls of portraits that have not ended may have cost is counted in.
 * Where that is too much and nothing else is in flight, the batch is paused; after a deadline it is ended instead.
 * A takeover from another worker counts a death of the portrait. Too many of them pause the batch.
 */
export const claim = ledgerScript(`
local i, token, takenOver, resting = ARGV[1], ARGV[2], ARGV[3], ARGV[5] ~= '0'
local served, own = ARGV[6], ARGV[7]
local m = {}
local fields = { 'state', 'cancelled', 'cursor', 'total', 'round', 'recovered', 'maxCostMicroUsd', 'reserveMicroUsd',
  'costMicroUsd', 'maybeBilled', 'n1', 'n2', 'n3', 'lostMicroUsd', 'maybeMicroUsd', 'heldMicroUsd',
  'inRowMicroUsd', 'lane', 'epoch', 'stoppedAtRest', 'recoveries', 'fence', 'unstored' }
for at, value in ipairs(redis.call('HMGET', meta, unpack(fields))) do m[fields[at]] = value end
if not m.state or tonumber(i) >= tonumber(m.total) then return {'gone'} end
local state = stateOf(i)
if state > 3 or (state == 0 and m.cancelled) then return {'done'} end
local receipt = redis.call('HGET', receipts, i) or ''
local called = wasCalled(receipt)

-- Every step has its picture, and they are only to be fetched.
local function isPaid(r)
  local last = r.turns[#r.turns]
  return last and last.outputUrl and #r.turns >= (r.steps or 1)
end
-- Whether one more call would pass the budget, and, where nothing else is in flight, what calls so far may have cost that
-- no reserve stands for. One that only goes on with what its reserve stands for is never too much. Steps that are paid of
-- portraits in the row are no reason to pause: those go first.
local function overBudget()
  local beside, open = spentOn(receipt)
  local own = beside + open
  if called and own <= 0 and state ~= 0 then return false, 0 end
  local reserve = tonumber(m.reserveMicroUsd)
  local flying = tonumber(m.n1) + tonumber(m.n2) + tonumber(m.n3) + (state == 0 and 1 or 0)
  local unsure = math.max(tonumber(m.maybeBilled) * reserve, tonumber(m.maybeMicroUsd or '0'))
  local ownHeld, ownInRow = heldFor(receipt, state)
  local held = own + tonumber(m.heldMicroUsd or '0') - ownHeld
  local inRow = tonumber(m.inRowMicroUsd or '0') - ownInRow
  local spent = tonumber(m.costMicroUsd) + tonumber(m.lostMicroUsd or '0') + unsure
  return spent + held + inRow + flying * reserve > tonumber(m.maxCostMicroUsd), flying == 1 and held or 0
end
local function park()
  redis.call('HDEL', claims, i)
  if state ~= 0 then move(i, state, 0) end
  if tonumber(i) < tonumber(m.cursor) then redis.call('HSET', meta, 'cursor', i) end
  return {'parked'}
end

-- Its claim was written already, and only the answer was lost with the connection.
local isMine = false
local waited = redis.call('ZSCORE', waits, i)
local waitedFor = waited and math.floor(tonumber(waited) / ${WAIT_SPAN_MS})
local atGate = waitedFor == ${reasonNumber("rate_limit")} or waitedFor == ${reasonNumber("lane_blocked")}
if state == 2 then
  local holder = redis.call('HGET', claims, i)
  if holder and holder ~= token and holder ~= takenOver then
    putOff(i, ${reasonNumber("claim_held")}, ${HELD_LOOK_MS}, '')
    return {'held', holder}
  end
  redis.call('ZREM', waits, i)
  isMine = holder == token
  -- A worker that finds a leftover of its own has not died.
  if holder == takenOver and not isMine and workerOf(holder) ~= workerOf(token) then
    local died = redis.call('HINCRBY', deaths, i, 1)
    if died % ${DEATHS_THAT_PAUSE} == 0 and (m.state == 'running' or m.state == 'ingesting') then
      redis.call('HSET', meta, 'state', 'paused', 'pausedBy', 'breaker', 'reason', 'the failure breaker: ' .. died ..
        ' workers died while they worked on portrait ' .. i .. ' among others; look at their memory and logs, then resume')
      revise()
      return park()
    end
  end
end
if m.lane and served ~= '' then
  local home = called and (laneOf(receipt) or own) or m.lane
  if home ~= served and called then
    redis.call('HDEL', claims, i)
    if state ~= 3 then move(i, state, 3) end
    putOff(i, ${reasonNumber("other_lane")}, 0, '')
    return {'elsewhere', home, m.epoch}
  end
  if home ~= served and not m.cancelled then return park() end
end
-- There are never more of them than portraits that are paid and not stored.
local most = tonumber(ARGV[9])
local unstored = tonumber(m.unstored or '0') > most and redis.call('SCARD', stuck) or 0
local isWhole = string.find(receipt, '"outputUrl"', 1, true) and isPaid(cjson.decode(receipt))
local asksOnly = 0
if not m.cancelled and not isWhole then
  local isHeldBack = unstored > most and paidFor(receipt) == 0
  local rests = resting or isHeldBack or (m.state ~= 'running' and m.state ~= 'ingesting')
  local broke, alone = false, 0
  if hasBudget() then broke, alone = overBudget() end
  if rests or broke then
    -- Nothing is paid for. Its answer is looked for all the same: the provider's memory may have forgotten it later.
    if isMine or (ARGV[5] ~= '2' and isUnanswered(receipt)) then
      asksOnly = 1
    else
      if broke and alone > 0 and not rests then
        redis.call('HSET', meta, 'state', 'paused', 'pausedBy', 'budget', 'reason', 'the budget: what has to be called again ' ..
          'may have cost ' .. string.format('%.4f', alone / 1000000) .. ' USD already, and it leaves too little ' ..
          'for one more portrait; resume with a higher one, or cancel')
        revise()
      end
      return park()
    end
  end
end
if not isMine then
  -- It can be stored nowhere: it keeps its receipt and waits, and nothing is fetched.
  if ARGV[5] == '2' and isWhole and not m.cancelled then
    redis.call('HDEL', claims, i)
    if state ~= 3 then move(i, state, 3) end
    putOff(i, ${reasonNumber("destination_blocked")}, tonumber(ARGV[8]), '')
    noteStuck(i, ${reasonNumber("destination_blocked")})
    return {'waits'}
  end
  if state ~= 2 then move(i, state, 2) end
end
redis.call('HSET', claims, i, token)
redis.call('HSETNX', meta, 'startedAt', ARGV[4])
local ends = m.cancelled and (m.cancelled == '1' or not called or string.find(receipt, '"givenUp":true', 1, true))
-- A deadline lets it go on, but neither against a pause nor past the budget.
if m.cancelled and not ends and not isWhole then ends = m.stoppedAtRest or (hasBudget() and overBudget()) end
local round = (m.round or '0') ~= '0' and roundOf(i) or 0
local died = redis.call('HMGET', deaths, i, i .. ':alone')
return {'claimed', receipt, ends and 1 or 0, round, m.recovered and tonumber(m.recoveries or '1') or 0, m.lane and 1 or 0, m.round or '0',
  died[1] or '0', died[2] or '0', atGate and 1 or 0, m.fence or '0', unstored, asksOnly}`);

/**
 * Puts a portrait back among the pending ones that waits for a worker which is not there. ARGV index · returns 1, or 0 when
 * it does not wait: it has ended, its batch was stopped, or a worker holds it.
 */
export const park = ledgerScript(`
local i = ARGV[1]
local m = redis.call('HMGET', meta, 'total', 'cancelled', 'cursor')
if not m[1] or m[2] or tonumber(i) >= tonumber(m[1]) then return 0 end
local state = stateOf(i)
if state ~= 1 and state ~= 3 then return 0 end
move(i, state, 0)
if tonumber(i) < tonumber(m[3]) then redis.call('HSET', meta, 'cursor', i) end
return 1`);

/** Writes the receipt of a claimed portrait. ARGV index, token, receipt · returns 1, or 0 when the claim is lost. */
export const writeReceipt = ledgerScript(`
if redis.call('HGET', claims, ARGV[1]) ~= ARGV[2] then return 0 end
putReceipt(ARGV[1], ARGV[3])
return 1`);

/**
 * Takes a claim back that Redis has forgotten, with the receipt of what is under way; one that is there is left as it is,
 * as its receipt may be newer. ARGV index, token, receipt, when its first call was intended, the round in which that was,
 * when its last one was, the fence under which its row was read · returns {1}, or {0} when the portrait has ended, is of
 * another round now, another holds it, or has called a provider for it since: that one's receipt knows more; {2, fence}
 * when the source was read anew since, under that fence: the index may be another portrait's.
 */
export const reclaim = ledgerScript(`
local i = ARGV[1]
local m = redis.call('HMGET', meta, 'total', 'cancelled', 'fence')
if not m[1] or tonumber(i) >= tonumber(m[1]) then return {0} end
local state = stateOf(i)
if state > 3 or (state == 0 and m[2]) or roundOf(i) ~= tonumber(ARGV[5]) then return {0} end
if state == 2 then
  local holder = redis.call('HGET', claims, i)
  if holder then return { holder == ARGV[2] and 1 or 0 } end
end
if (m[3] or '0') ~= ARGV[7] then return {2, m[3] or '0'} end
local known = redis.call('HGET', receipts, i)
if wasCalled(known) then
  if string.match(known, '"firstIntentAt":(%d+)') ~= ARGV[4] then return {0} end
  for intentAt in string.gmatch(known, '"intentAt":(%d+)') do
    if tonumber(intentAt) > tonumber(ARGV[6]) then return {0} end
  end
end
if state ~= 2 then move(i, state, 2) end
redis.call('HSET', claims, i, ARGV[2])
putReceipt(i, ARGV[3])
return {1}`);

/**
 * Gives a claim back. ARGV index, token, state 1|3, receipt or '', the worker's lane or '', number of the reason to wait,
 * ms until the next look, what failed or '' · returns when that look is (ms, Redis' clock), or 0 when the claim is lost. What waits for a lane that the batch was diverted from is retrying where its provider was called, so that it
 * takes no room in the fallback's window; everything else is pending again.
 */
export const leave = ledgerScript(`
if redis.call('HGET', claims, ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', claims, ARGV[1])
if ARGV[4] ~= '' then putReceipt(ARGV[1], ARGV[4]) end
local to = tonumber(ARGV[3])
local m = redis.call('HMGET', meta, 'lane', 'cancelled', 'cursor')
if m[1] and ARGV[5] ~= '' and m[1] ~= ARGV[5] then
  if wasCalled(redis.call('HGET', receipts, ARGV[1])) then
    to = 3
  elseif not m[2] then
    to = 0
    if tonumber(ARGV[1]) < tonumber(m[3]) then redis.call('HSET', meta, 'cursor', ARGV[1]) end
  end
end
move(ARGV[1], 2, to)
if to ~= 0 then
  putOff(ARGV[1], ARGV[6], ARGV[7], ARGV[8])
  noteStuck(ARGV[1], tonumber(ARGV[6]))
end
return redisNow() + tonumber(ARGV[7])`);

/** The failure breaker looks back over this many portraits: the counts are halved when there are twice as many. */
export const BREAKER_LOOKS_BACK = 100;

/**
 * Ends a portrait. ARGV index, token, state 4…7, outcome code, outcome line, maybe billed 0|1, day, lane or '' for the
 * batch's own, micro-USD of what was delivered, lost, maybe paid ·
 * returns {'applied', pending, queued, 1 when the failure breaker paused the batch} · {'duplicate'} · {'stale'}.
 */
export const settle = ledgerScript(`
local i, to = ARGV[1], tonumber(ARGV[3])
local state = stateOf(i)
if state > 3 or (state == 0 and redis.call('HEXISTS', meta, 'cancelled') == 1) then return {'duplicate'} end
if state ~= 2 or redis.call('HGET', claims, i) ~= ARGV[2] then return {'stale'} end
redis.call('HDEL', claims, i)
dropReceipt(i)
move(i, 2, to)
record(i, ARGV[4], to, ARGV[5])
if ARGV[6] == '1' then redis.call('HINCRBY', meta, 'maybeBilled', 1) end
spend(ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11])
local m = redis.call('HMGET', meta, 'n0', 'n1', 'breakerMinimum', 'breakerPercent', 'state')
local tripped = 0
if m[3] and (to == 4 or to == 6) then
  local ended = redis.call('HINCRBY', breaker, 'ended', 1)
  if to == 6 then
    local same = redis.call('HINCRBY', breaker, ARGV[4], 1)
    if ended >= tonumber(m[3]) and same * 100 > tonumber(m[4]) * ended and (m[5] == 'running' or m[5] == 'ingesting') then
      redis.call('HSET', meta, 'state', 'paused', 'pausedBy', 'breaker', 'reason', 'the failure breaker: ' .. same ..
        ' of the last ' .. ended .. ' portraits failed with ' .. ARGV[4])
      revise()
      tripped = 1
    end
  end
  if ended >= ${2 * BREAKER_LOOKS_BACK} then
    local all = redis.call('HGETALL', breaker)
    for k = 1, #all, 2 do redis.call('HSET', breaker, all[k], math.floor(tonumber(all[k + 1]) / 2)) end
  end
end
return {'applied', m[1], m[2], tripped}`);

/**
 * Ends what is queued or retrying in a cancelled batch. ARGV index and outcome line, in turn · returns how many.
 * Only for portraits whose receipt says that no provider was called; see `endStopped` for the others.
 */
export const cancelWaiting = ledgerScript(`
if redis.call('HEXISTS', meta, 'cancelled') == 0 then return 0 end
local moved = 0
for a = 1, #ARGV, 2 do
  local state = stateOf(ARGV[a])
  if (state == 1 or state == 3) and not wasCalled(redis.call('HGET', receipts, ARGV[a])) then
    dropReceipt(ARGV[a])
    move(ARGV[a], state, 7)
    record(ARGV[a], redis.call('HGET', meta, 'stopCode'), 7, ARGV[a + 1])
    moved = moved + 1
  end
end
return moved`);
