import { WAIT_REASONS, type WaitReason } from "@darkroom/core";
import { defineScript, type Script } from "@darkroom/redis-kit";
import type { batchLedgerKeys } from "../keys.ts";

/*
 * Every change of a portrait's state goes through one of the scripts in this folder, and each changes state and counts
 * together (P2). They name a batch's keys as `batchLedgerKeys` does, and get those that they use.
 * State numbers are the places in core's PORTRAIT_STATES: 0 pending, 1 queued, 2 running, 3 retrying, 4 succeeded,
 * 5 skipped, 6 failed, 7 cancelled. In a stopped batch (meta `cancelled`) 0 reads as 7: stopping a million costs one
 * write.
 */
/**
 * A wait's score is its reason's number times this, plus when it is looked at next (epoch ms, Redis' clock). So one sorted
 * set counts the waits of a reason, and finds the next look, without a counter that could differ from them.
 */
export const WAIT_SPAN_MS = 2 ** 42;

/** What a portrait waits for that has no result to be stored yet, or one whose destination is known to be blocked. */
const NOT_STUCK: readonly WaitReason[] = [
  "provider_retry",
  "provider_busy",
  "rate_limit",
  "lane_blocked",
  "recall",
  "destination_blocked",
  "other_lane",
];

const HELPERS = `
local function stateOf(i) return redis.call('BITFIELD', states, 'GET', 'u4', '#' .. i)[1] end
-- A receipt is also kept of a wait at the gate or a fault of the store: only an intent means that a provider was called.
local function wasCalled(receipt)
  return receipt and string.find(receipt, '"firstIntentAt"', 1, true) ~= nil
end
-- The last call's answer may still be found in the provider's memory; the same as isUnanswered.
local function isUnanswered(receipt)
  if not wasCalled(receipt) then return false end
  local r = cjson.decode(receipt)
  local last = r.turns[#r.turns]
  return last ~= nil and not (r.forgets or last.outputUrl or last.outputAt or last.unpaid or last.resend)
end
-- The worker in a claim's token, as in workerOfToken.
local function workerOf(token) return string.match(token, '^(.*)/') end
local budget
local function hasBudget()
  if budget == nil then budget = redis.call('HGET', meta, 'reserveMicroUsd') or false end
  return budget
end
-- What a portrait's calls may have cost: beside the steps to whose pictures there are links, as open calls to a provider
-- that can be asked for nothing (the receipt says that it forgets), and for those links. Where a call
-- had no price, each counts as the latest one's, or else as the reserve.
local function spentOn(receipt)
  if not wasCalled(receipt) and not (receipt and string.find(receipt, '"maybeBilled":true', 1, true)) then return 0, 0, 0 end
  local r, open, linked = cjson.decode(receipt), 0, 0
  local call = r.callMicroUsd or tonumber(budget)
  for _, turn in ipairs(r.turns) do
    if turn.outputUrl then linked = linked + (turn.microUsd or call)
    elseif r.forgets and not turn.outputAt and not turn.maybe and not turn.unpaid then
      open = open + (turn.microUsd or call)
    end
  end
  local paid = tonumber(r.paidMicroUsd) or r.paidTurns * call
  local maybe = tonumber(r.maybeMicroUsd) or (r.maybeCalls or 0) * call
  return paid + maybe - linked, open, linked
end
-- The part of it that no reserve stands for, the open call of a running portrait aside, and the steps paid of one that is
-- back in the row. Meta's heldMicroUsd and inRowMicroUsd are the sums over all receipts, and paidInRow those in the row.
local function heldFor(receipt, state)
  local beside, open, linked = spentOn(receipt)
  return beside + (state ~= 2 and open or 0), state == 0 and linked or 0
end
local function hold(i, before, stateBefore, after, stateAfter)
  local held, inRow = heldFor(after, stateAfter)
  local heldBefore, inRowBefore = heldFor(before, stateBefore)
  if held ~= heldBefore then redis.call('HINCRBY', meta, 'heldMicroUsd', string.format('%.0f', held - heldBefore)) end
  if inRow ~= inRowBefore then
    redis.call('HINCRBY', meta, 'inRowMicroUsd', string.format('%.0f', inRow - inRowBefore))
    redis.call(inRow > 0 and 'SADD' or 'SREM', paidInRow, i)
  end
end
-- Whether a portrait that has not ended was paid for, and how much (micro-USD). The fields stand once in a receipt.
local function paidFor(receipt)
  if not receipt or string.find(receipt, '"paidTurns":0', 1, true) then return 0, 0 end
  if not string.find(receipt, '"paidTurns":', 1, true) then return 0, 0 end
  return 1, tonumber(string.match(receipt, '"paidMicroUsd":(%d+)') or 0)
end
-- Meta's unstored and unstoredMicroUsd are the sums over all receipts.
local function countUnstored(before, after)
  local count, micro = paidFor(after)
  local countBefore, microBefore = paidFor(before)
  if count ~= countBefore then redis.call('HINCRBY', meta, 'unstored', count - countBefore) end
  if micro ~= microBefore then
    redis.call('HINCRBY', meta, 'unstoredMicroUsd', string.format('%.0f', micro - microBefore))
  end
end
local function countReceipt(i, after)
  local before = redis.call('HGET', receipts, i)
  countUnstored(before, after)
  if hasBudget() then
    local state = stateOf(i)
    hold(i, before, state, after, state)
  end
end
local function putReceipt(i, receipt)
  countReceipt(i, receipt)
  redis.call('HSET', receipts, i, receipt)
end
local function dropReceipt(i)
  countReceipt(i, nil)
  redis.call('HDEL', deaths, i, i .. ':alone')
  redis.call('SREM', stuck, i)
  return redis.call('HDEL', receipts, i)
end
local function move(i, from, to)
  if hasBudget() and (from == 0 or from == 2 or to == 0 or to == 2) then
    local receipt = redis.call('HGET', receipts, i)
    hold(i, receipt, from, receipt, to)
  end
  if from > 0 and from < 4 then redis.call('ZREM', waits, i) end
  -- In the row it has no next look: it must not hold back what it waits behind.
  if to == 0 then redis.call('SREM', stuck, i) end
  redis.call('BITFIELD', states, 'SET', 'u4', '#' .. i, to)
  redis.call('HINCRBY', meta, 'n' .. from, -1)
  redis.call('HINCRBY', meta, 'n' .. to, 1)
end
local function redisNow()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
-- Notes what a portrait waits for, until its next move. reason: its place in core's WAIT_REASONS; why: '' or what failed.
local function putOff(i, reason, delayMs, why)
  redis.call('ZADD', waits, string.format('%.0f', reason * ${WAIT_SPAN_MS} + redisNow() + delayMs), i)
  if why ~= '' then redis.call('HSET', meta, 'why:' .. reason, why) end
end
-- Notes, where a portrait is put off, whether that is for a paid result that could not be fetched or stored. It stays noted
-- while that is tried again, and until it waits for a provider or for a blocked destination.
local function noteStuck(i, reason)
  local isMeant = reason == ${reasonNumber("result")} or reason == ${reasonNumber("storage")}
  if isMeant and paidFor(redis.call('HGET', receipts, i)) > 0 then
    redis.call('SADD', stuck, i)
  elseif ({ ${NOT_STUCK.map((reason) => `[${reasonNumber(reason)}] = true`).join(", ")} })[reason] then
    redis.call('SREM', stuck, i)
  end
end
local function countFailure(code, by)
  if redis.call('HINCRBY', failures, code, by) <= 0 then redis.call('HDEL', failures, code) end
end
-- The lane that a receipt names; nil for the batch's own. Lane names need no escaping.
local function laneOf(receipt)
  return receipt and string.match(receipt, '"lane":"([^"]*)"')
end
-- The round that a portrait belongs to: the last one that opened it, by itself or (meta baseRound) with all that a stopped
-- batch had never started.
local function roundOf(i)
  local m = redis.call('HMGET', meta, 'round', 'baseRound')
  if not m[1] or m[1] == '0' then return 0, 0 end
  return math.max(redis.call('BITFIELD', rounds, 'GET', 'u8', '#' .. i)[1], tonumber(m[2] or '0')), tonumber(m[1])
end
-- An outcome says which round its portrait belongs to, and which one the batch was in where that is another.
local function record(i, code, to, line)
  local round, batchRound = roundOf(i)
  if batchRound ~= round then line = '{"batchRound":' .. batchRound .. ',' .. string.sub(line, 2) end
  if round ~= 0 then line = '{"round":' .. round .. ',' .. string.sub(line, 2) end
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
-- What people do to a batch raises its revision; the producer then notes it in the object store. Named, it is what an order
-- of before may not undo.
local function revise(...)
  local revision = redis.call('HINCRBY', meta, 'revision', 1)
  for _, what in ipairs({ ... }) do redis.call('HSET', meta, 'since:' .. what, revision) end
end
local function runningState()
  local m = redis.call('HMGET', meta, 'ingested', 'confirm')
  if not m[1] then return 'ingesting' end
  return m[2] and 'awaiting_confirmation' or 'running'
end
`;

/** How Lua writes a reason to wait. */
export function reasonNumber(reason: WaitReason): number {
  return WAIT_REASONS.indexOf(reason);
}

type LedgerKey = keyof ReturnType<typeof batchLedgerKeys>;

const KEYS: readonly LedgerKey[] = [
  "meta",
  "states",
  "claims",
  "receipts",
  "outcomes",
  "failures",
  "details",
  "breaker",
  "rounds",
  "paidInRow",
  "stuck",
  "waits",
  "orders",
  "deaths",
];

/** A script on the keys of one batch. */
export interface LedgerScript extends Script {
  /** Those that it uses, in the order in which it takes them. */
  readonly keys: readonly LedgerKey[];
}

interface Helper {
  readonly name: string;
  readonly lua: string;
}

/** In their order: each uses only those before it. */
const helpers: readonly Helper[] = withoutComments(HELPERS)
  .split(/\n(?=local )/)
  .map((lua) => ({ name: /^local (?:function )?(\w+)/m.exec(lua)?.[1] ?? "", lua }));

/** Sent and compiled are only the helpers and keys that a script uses: of five scripts a portrait each is a cost. */
export function ledgerScript(lua: string): LedgerScript {
  let text = withoutComments(lua);
  for (const helper of helpers.toReversed()) if (uses(text, helper.name)) text = `${helper.lua}\n${text}`;
  const keys = KEYS.filter((key) => uses(text, key));
  const names = keys.length === 0 ? "" : `local ${keys.join(", ")} = unpack(KEYS)\n`;
  return { ...defineScript(names + text), keys };
}

function withoutComments(lua: string): string {
  return lua.trim().replaceAll(/^\s*--.*\n/gm, "");
}

function uses(lua: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(lua);
}
