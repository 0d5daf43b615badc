import { BATCH_STATES, isEnded } from "@darkroom/core";
import { ledgerScript } from "./ledger-script.ts";
import { orderScript } from "./order-script.ts";

/** createdAt: ms; then more fields of the meta hash and their values · returns 1, or 0 when the batch exists. */
export const createBatch = ledgerScript(
  ["spec", "createdAt"],
  `
if redis.call('HSETNX', meta, 'spec', spec) == 0 then return 0 end
redis.call('HSET', meta, 'state', 'ingesting', 'createdAt', createdAt, 'total', 0, 'parts', 0, 'cursor', 0, 'epoch', 0,
  'n0', 0, 'n1', 0, 'n2', 0, 'n3', 0, 'n4', 0, 'n5', 0, 'n6', 0, 'n7', 0, 'costMicroUsd', 0, 'lostMicroUsd', 0,
  'maybeMicroUsd', 0, 'maybeBilled', 0,
  'reportSequence', 0, 'round', 0, 'revision', 0)
for a = LIST, #ARGV, 2 do redis.call('HSET', meta, ARGV[a], ARGV[a + 1]) end
return 1`,
);

/** Keeps a batch that is not there from ever being made. keepMs: how long that is known · returns 1, or 0 when the batch exists. */
export const forbidBatch = ledgerScript(
  ["keepMs"],
  `
if redis.call('HEXISTS', meta, 'state') == 1 then return 0 end
redis.call('HSET', meta, 'spec', '')
redis.call('PEXPIRE', meta, keepMs)
return 1`,
);

/** Forgets a batch that has ended. Returns 1, or 0 when it has not ended: nothing is changed then. */
export const forgetBatch = ledgerScript(
  [],
  `
local state = redis.call('HGET', meta, 'state')
local ends = { ${BATCH_STATES.filter(isEnded)
    .map((state) => `['${state}'] = true`)
    .join(", ")} }
if state and not ends[state] then return 0 end
redis.call('DEL', meta)
return 1`,
);

/** by: who · returns {state, 1 when it is paused}. */
export const pause = orderScript(
  ["resume", "round"],
  ["reason", "by"],
  `
local state = redis.call('HGET', meta, 'state')
if state ~= 'running' and state ~= 'ingesting' then return { state, state == 'paused' and 1 or 0 } end
redis.call('HSET', meta, 'state', 'paused', 'reason', reason, 'pausedBy', by)
revise('pause')
return { 'paused', 1 }`,
);

/**
 * Goes on with a paused batch. maxCostMicro: the budget from now on, or ''; checksSpent: 1 to refuse one that is not above
 * what is spent · returns {state, 1 when it goes on, 1 when it is the budget that keeps it paused, micro-USD that are spent
 * and that may be, where the new budget is not above their sum}. The failure breaker starts anew. One that goes on already
 * gets that budget too.
 */
export const resume = orderScript(
  ["pause"],
  ["maxCostMicro", "checksSpent"],
  `
local m = redis.call('HMGET', meta, 'state', 'pausedBy', 'maxCostMicroUsd', 'costMicroUsd', 'lostMicroUsd', 'maybeMicroUsd')
local changesBudget = maxCostMicro ~= '' and m[3] and maxCostMicro ~= m[3]
if changesBudget and precedes('budget') then return { 'stale', m[1] } end
local goesOn = m[1] == 'running' or m[1] == 'ingesting' or m[1] == 'awaiting_confirmation'
if checksSpent == '1' and ((m[1] == 'paused' and maxCostMicro ~= '' and m[3]) or (goesOn and changesBudget)) then
  local spent, maybe = m[4] + m[5], tonumber(m[6])
  if tonumber(maxCostMicro) <= spent + maybe then return { m[1], 0, 0, spent, maybe } end
end
if m[1] ~= 'paused' then
  if goesOn and changesBudget then
    redis.call('HSET', meta, 'maxCostMicroUsd', maxCostMicro)
    reviewBudget()
    revise('budget')
  end
  return { m[1], goesOn and 1 or 0, 0 }
end
if changesBudget then
  redis.call('HSET', meta, 'maxCostMicroUsd', maxCostMicro)
  reviewBudget()
end
if m[2] == 'budget' and (maxCostMicro == '' or tonumber(maxCostMicro) <= tonumber(m[3])) then
  redis.call('HSET', meta, 'maxCostMicroUsd', m[3])
  return { 'paused', 0, 1 }
end
redis.call('HINCRBY', meta, 'epoch', 1)
redis.call('HDEL', meta, 'reason', 'pausedBy')
redis.call('DEL', breaker)
redis.call('HSET', meta, 'state', runningState())
if changesBudget then revise('resume', 'budget') else revise('resume') end
return { redis.call('HGET', meta, 'state'), 1, 0 }`,
);

/** A person has seen what the batch is. Returns {state, 1 when it is confirmed}. */
export const confirm = orderScript(
  [],
  [],
  `
if redis.call('HGET', meta, 'state') == 'awaiting_confirmation' then
  redis.call('HDEL', meta, 'confirm')
  redis.call('HSET', meta, 'state', 'running')
  revise()
end
local m = redis.call('HMGET', meta, 'state', 'confirm')
return { m[1], (not m[2] and (m[1] == 'running' or m[1] == 'awaiting_approval')) and 1 or 0 }`,
);

/** Says which portraits are the pilot. picks: their indexes, separated by commas · returns 1, or 0 when that is said already. */
export const choosePilot = ledgerScript(
  ["picks"],
  `
local m = redis.call('HMGET', meta, 'pilot', 'pilotPicks')
if not m[1] or m[2] then return 0 end
redis.call('HSET', meta, 'pilotPicks', picks)
revise()
return 1`,
);

/**
 * When every portrait of the pilot has ended: waits for approval, or goes on where nothing is left to approve.
 * Returns the state afterwards.
 */
export const endPilot = ledgerScript(
  [],
  `
local m = redis.call('HMGET', meta, 'state', 'pilotPicks', 'n0')
if m[1] ~= 'running' or not m[2] then return m[1] end
for i in string.gmatch(m[2], '%d+') do
  if not isEnded(stateOf(i)) then return m[1] end
end
if m[3] == '0' then redis.call('HDEL', meta, 'pilot', 'pilotPicks')
else redis.call('HSET', meta, 'state', 'awaiting_approval') end
revise('pilot')
return redis.call('HGET', meta, 'state')`,
);

/** A person has seen the pilot. Returns {state, 1 when it is approved}. */
export const approve = orderScript(
  ["pilot"],
  [],
  `
if redis.call('HGET', meta, 'state') == 'awaiting_approval' then
  redis.call('HDEL', meta, 'pilot', 'pilotPicks')
  redis.call('HSET', meta, 'state', 'running')
  revise()
end
local m = redis.call('HMGET', meta, 'state', 'pilot')
return { m[1], (not m[2] and m[1] == 'running') and 1 or 0 }`,
);

/**
 * Stops a batch at once, however large. stopCode: of what was never started; endsRunning: 1 when what runs is ended
 * too · returns {state, 1 when it is stopped}. A pending portrait that was with the provider before (its batch was paused, or its
 * job was lost) becomes queued: the producer ends it, and what the provider keeps of it is cleared. A paused batch stays one
 * that calls nobody: of what waits there only paid pictures are still fetched.
 */
export const stop = orderScript(
  ["round"],
  ["reason", "stopCode", "endsRunning"],
  `
local m = redis.call('HMGET', meta, 'state', 'cancelled', 'n0', 'pausedBy')
local open = { running = 1, ingesting = 1, paused = 1, awaiting_confirmation = 1, awaiting_approval = 1 }
if endsRunning == '1' and m[1] == 'finishing' and redis.call('HEXISTS', meta, 'stall:finish') == 1 then
  redis.call('HSET', meta, 'endNow', reason)
  redis.call('HDEL', meta, 'stall:finish')
end
if m[2] == '0' and endsRunning == '1' and m[1] == 'finishing' then
  redis.call('HSET', meta, 'cancelled', '1')
  revise('stop')
end
if m[2] or not open[m[1]] then
  local isStopped = m[2] or redis.call('HEXISTS', meta, 'endNow') == 1
  return { m[1], isStopped and 1 or 0 }
end
redis.call('HDEL', meta, 'toRecall', 'toRecallMicroUsd')
redis.call('DEL', recalls)
local code = stopCode
if m[4] == 'budget' and code == 'cancelled' then code = 'over_budget' end
local pending = tonumber(m[3])
for _, i in ipairs(redis.call('HKEYS', receipts)) do
  if tonumber(i) and stateOf(i) == PENDING then
    if wasCalled(i) then
      move(i, PENDING, QUEUED)
      redis.call('HSET', receipts, i .. ':givenUp', 1)
      pending = pending - 1
    else
      dropReceipt(i)
      forgetDetours(i)
    end
  end
end
redis.call('HSET', meta, 'cancelled', endsRunning, 'stopCode', code, 'stopped', pending, 'state', 'finishing',
  'reason', reason, 'n' .. PENDING, 0)
if m[1] == 'paused' then redis.call('HSET', meta, 'stoppedAtRest', 1) end
redis.call('HDEL', meta, 'pausedBy', 'confirm', 'pilot', 'pilotPicks', 'reopening')
redis.call('HINCRBY', meta, 'n' .. CANCELLED, pending)
if pending > 0 then countFailure(code, pending) end
revise('stop')
return { 'finishing', 1 }`,
);

/** Begins to end a batch whose portraits have all ended. Returns its round, or -1 when it is not through. */
export const beginFinish = ledgerScript(
  [],
  `
local m = redis.call('HMGET', meta, 'state', 'reopening', 'ingested', 'cancelled', 'n0', 'n1', 'n2', 'n3', 'round')
local open = { running = 1, ingesting = 1, paused = 1, finishing = 1 }
if not m[1] or not open[m[1]] or m[2] or not (m[3] or m[4]) then return -1 end
if tonumber(m[5]) + tonumber(m[6]) + tonumber(m[7]) + tonumber(m[8]) ~= 0 then return -1 end
redis.call('HSET', meta, 'state', 'finishing')
redis.call('HDEL', meta, 'pausedBy')
if m[1] == 'paused' then redis.call('HDEL', meta, 'reason') end
return tonumber(m[9] or '0')`,
);

/**
 * Ends a batch that is finishing in this round. to: its state; reason: or ''; now: ms; consistency: how much alike its
 * portraits are as JSON, or ''; hasReport: 1 where there is a report · returns 1 when it ended.
 */
export const endBatch = ledgerScript(
  ["round", "to", "reason", "now", "consistency", "hasReport"],
  `
local m = redis.call('HMGET', meta, 'state', 'round')
if m[1] ~= 'finishing' or (m[2] or '0') ~= round then return 0 end
redis.call('HSET', meta, 'state', to, 'endedAt', now)
redis.call('HDEL', meta, 'stall:finish', 'endNow', 'noReport')
if hasReport ~= '1' then redis.call('HSET', meta, 'noReport', 1) end
if reason ~= '' then redis.call('HSET', meta, 'reason', reason) end
if consistency ~= '' then redis.call('HSET', meta, 'consistency', consistency) end
return 1`,
);

/** Ends a batch of whose source nothing could be read. now: ms · returns 1 when it ended. */
export const failBatch = ledgerScript(
  ["reason", "now"],
  `
local m = redis.call('HMGET', meta, 'state', 'total', 'cancelled')
if (m[1] ~= 'ingesting' and m[1] ~= 'paused') or m[2] ~= '0' or m[3] then return 0 end
redis.call('HSET', meta, 'state', 'failed', 'reason', reason, 'endedAt', now)
return 1`,
);

/** Forgets outcome lines that are in the report now. sequence: the part's; after: the id after the last line · returns 1 or 0. */
export const acknowledgeOutcomes = ledgerScript(
  ["sequence", "after"],
  `
if redis.call('HGET', meta, 'reportSequence') ~= sequence then return 0 end
redis.call('XTRIM', outcomes, 'MINID', after)
redis.call('HINCRBY', meta, 'reportSequence', 1)
return 1`,
);

/** Raises the revision over one that the object store knows and Redis has forgotten. known: that one · returns 1 where it was raised. */
export const outnumber = ledgerScript(
  ["known"],
  `
local m = redis.call('HMGET', meta, 'revision', 'storedRevision')
local known = tonumber(known)
if tonumber(m[2] or '0') >= known or tonumber(m[1] or '0') > known then return 0 end
redis.call('HSET', meta, 'revision', known)
revise()
return 1`,
);

/**
 * The object store knows what people did up to this revision. stored: that one · returns the present one. One that is higher
 * is of acts that Redis has forgotten, and is not noted.
 */
export const storedRevision = ledgerScript(
  ["stored"],
  `
local m = redis.call('HMGET', meta, 'revision', 'storedRevision')
local revision, new = tonumber(m[1] or '0'), tonumber(stored)
if new > tonumber(m[2] or '0') and new <= revision then redis.call('HSET', meta, 'storedRevision', new) end
return revision`,
);
