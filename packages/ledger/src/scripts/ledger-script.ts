import { defineScript, type Script } from "@darkroom/redis-kit";

/*
 * Every change of a portrait's state goes through one of the scripts in this folder, and each changes state and counts
 * together (P2). KEYS are always, in this order: meta, states, claims, receipts, outcomes, failures, details, breaker.
 * State numbers are the places in core's PORTRAIT_STATES: 0 pending, 1 queued, 2 running, 3 retrying, 4 succeeded,
 * 5 skipped, 6 failed, 7 cancelled. In a stopped batch (meta `cancelled`) 0 reads as 7: stopping a million costs one
 * write.
 */
const PRELUDE = `
local meta, states, claims, receipts, outcomes, failures, details, breaker = unpack(KEYS)
local function stateOf(i) return redis.call('BITFIELD', states, 'GET', 'u4', '#' .. i)[1] end
local function move(i, from, to)
  redis.call('BITFIELD', states, 'SET', 'u4', '#' .. i, to)
  redis.call('HINCRBY', meta, 'n' .. from, -1)
  redis.call('HINCRBY', meta, 'n' .. to, 1)
end
local function countFailure(code, by)
  if redis.call('HINCRBY', failures, code, by) <= 0 then redis.call('HDEL', failures, code) end
end
-- A receipt is also kept of a wait at the gate or a fault of the store: only an intent means that a provider was called.
local function wasCalled(receipt)
  return receipt and string.find(receipt, '"firstIntentAt"', 1, true) ~= nil
end
-- The lane that a receipt names; nil for the batch's own. Lane names need no escaping.
local function laneOf(receipt)
  return receipt and string.match(receipt, '"lane":"([^"]*)"')
end
-- An outcome belongs to the round that runs when it is recorded.
local function record(i, code, to, line)
  local round = redis.call('HGET', meta, 'round')
  if round and round ~= '0' then line = '{"round":' .. round .. ',' .. string.sub(line, 2) end
  redis.call('XADD', outcomes, '*', 'line', line)
  if to >= 6 then
    countFailure(code, 1)
    if redis.call('HLEN', details) < 10000 then redis.call('HSET', details, i, line) end
  end
end
-- Adds what a portrait cost (micro-USD) to the batch and to its day. lane: '' for the batch's own.
local function spend(day, lane, cost, lost, maybe)
  for part, micro in pairs({ cost = cost, lost = lost, maybe = maybe }) do
    if tonumber(micro) ~= 0 then
      redis.call('HINCRBY', meta, part .. 'MicroUsd', micro)
      redis.call('HINCRBY', meta, part .. ':' .. day .. ':' .. lane, micro)
    end
  end
end
-- Ends a portrait in flight whose work is given up: what its receipt says was paid is lost.
local function recordGivenUp(i, text, line, day)
  local receipt = cjson.decode(text)
  local price, paid = receipt.callMicroUsd, receipt.paidTurns or 0
  local maybe = receipt.maybeCalls or (receipt.maybeBilled and 1 or 0)
  for _, turn in ipairs(receipt.turns or {}) do
    if not turn.outputUrl and not turn.outputAt and not turn.maybe then maybe = maybe + 1 end
  end
  if paid == 0 and maybe == 0 then maybe = 1 end
  local function usd(calls)
    if calls == 0 then return 0 end
    return price and calls * price / 1000000 or cjson.null
  end
  line.costUsd, line.lostUsd, line.maybeUsd = 0, usd(paid), usd(maybe)
  line.attempts, line.providerMs, line.lane = receipt.attempts or 0, receipt.providerMs or 0, receipt.lane
  record(i, line.code, 7, cjson.encode(line))
  redis.call('HINCRBY', meta, 'maybeBilled', 1)
  if price then spend(day, receipt.lane or '', 0, paid * price, maybe * price) end
end
-- What people do to a batch raises its revision; the producer then notes it in the object store.
local function revise() redis.call('HINCRBY', meta, 'revision', 1) end
local function runningState()
  local m = redis.call('HMGET', meta, 'ingested', 'confirm')
  if not m[1] then return 'ingesting' end
  return m[2] and 'awaiting_confirmation' or 'running'
end
`;

/** A script on the keys of one batch. */
export const ledgerScript = (lua: string): Script => defineScript(PRELUDE + lua);
