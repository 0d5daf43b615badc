import { PORTRAIT_STATES, WAIT_REASONS, type WaitReason } from "@darkroom/core";
import { defineScript, type Script } from "@darkroom/redis-kit";
import type { batchLedgerKeys } from "../keys.ts";
import { PAID_AT, SUMMARY_FORMAT, SUMS_AT } from "../portrait/stored-receipt.ts";

/*
 * Every change of a portrait's state goes through one of the scripts in this folder, and each changes state and counts
 * together (P2). They name a batch's keys as `batchLedgerKeys` does, and get those that they use.
 * Of a receipt a script reads the summary alone. In a stopped batch (meta `cancelled`) PENDING reads as CANCELLED:
 * stopping a million costs one write.
 */
/**
 * A wait's score is its reason's number times this, plus when it is looked at next (epoch ms, Redis' clock). So one sorted
 * set counts the waits of a reason, and finds the next look, without a counter that could differ from them.
 */
export const WAIT_SPAN_MS = 2 ** 42;

/** Outcome lines of what went wrong that a batch keeps. */
export const MOST_DETAILS = 10_000;

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

/** State numbers by name: the places in core's PORTRAIT_STATES. */
const STATES = PORTRAIT_STATES.map((state, number) => `local ${state.toUpperCase()} = ${number}`).join("\n");

const HELPERS = `
${STATES}
local function isEnded(state) return state >= SUCCEEDED end
local function stateOf(i) return redis.call('BITFIELD', states, 'GET', 'u4', '#' .. i)[1] end
-- The worker in a claim's token, as in workerOfToken.
local function workerOf(token) return string.match(token, '^(.*)/') end
-- What core knows of a portrait's receipt; nil where there is none. See storedReceipt.
local function readSummary(text)
  if not text then return nil end
  local called, whole, paid, unanswered, first, last, paidMicro, held, lane = struct.unpack('${SUMMARY_FORMAT}', text)
  return { called = called == '1', whole = whole == '1', paid = paid == '1', unanswered = unanswered == '1',
    first = first, last = tonumber(last), paidMicro = tonumber(paidMicro), held = tonumber(held),
    lane = string.sub(text, lane) }
end
-- Of these, what every write of a receipt compares with what was before: 1 where it is paid, what for, what is held.
local function moneyIn(text)
  if not text then return 0, 0, 0 end
  local paidMicro, held = struct.unpack('c12c12', text, ${SUMS_AT})
  return string.sub(text, ${PAID_AT}, ${PAID_AT}) == '1' and 1 or 0, tonumber(paidMicro), tonumber(held)
end
local function summaryOf(i) return readSummary(redis.call('HGET', receipts, i .. ':summary')) end
local function wasCalled(i)
  local summary = summaryOf(i)
  return summary ~= nil and summary.called
end
-- Whether a call of a portrait that has not ended may be with the account of a lane. Goes over all receipts.
local function hasCallsIn(lane)
  local own = redis.call('HGET', meta, 'spec')
  own = own and cjson.decode(own).lane
  for _, field in ipairs(redis.call('HKEYS', receipts)) do
    if string.sub(field, -8) == ':summary' then
      local summary = readSummary(redis.call('HGET', receipts, field))
      local at = summary.lane ~= '' and summary.lane or own
      if summary.called and at == lane then return true end
    end
  end
  return false
end
-- What a budget pays for, in one sum: what was spent, lost and may have been paid by portraits that have ended, and what is
-- authorized for those that have not. Then the budget itself, and what it holds for portraits that are to be recalled, but for
-- portrait i.
local function committed(i)
  local m = redis.call('HMGET', meta, 'costMicroUsd', 'lostMicroUsd', 'maybeMicroUsd', 'authorizedMicroUsd', 'maxCostMicroUsd',
    'toRecall', 'toRecallMicroUsd')
  local others = tonumber(m[6] or 0)
  if i and others > 0 then others = others - redis.call('GETBIT', recalls, i) end
  return m[1] + m[2] + m[3] + (m[4] or 0), tonumber(m[5]), others * (m[7] or 0)
end
-- Meta's budgetNeeds is there while the budget is full: the least that a portrait was refused, and budgetNeedsBy says which.
-- To be called where money was released, or the budget was raised. That portrait (budgetNext) then gets its turn, also where
-- another one has found too little in the meantime.
local function reviewBudget()
  local needs = redis.call('HMGET', meta, 'budgetNeeds', 'budgetNeedsBy')
  if not needs[1] then return end
  local sum, most, toRecall = committed()
  if sum + toRecall + needs[1] > most then return end
  redis.call('HDEL', meta, 'budgetNeeds', 'budgetNeedsBy')
  redis.call('HSET', meta, 'budgetNext', needs[2])
  if stateOf(needs[2]) == PENDING then redis.call('SADD', funded, needs[2]) end
end
local hasBudgetKnown
local function hasBudget()
  if hasBudgetKnown == nil then hasBudgetKnown = redis.call('HEXISTS', meta, 'maxCostMicroUsd') == 1 end
  return hasBudgetKnown
end
-- In a rebuilt batch with a budget, recalls has a bit for each portrait that may have been called before Redis was lost, until
-- its provider was asked. Meta's toRecall counts these portraits, and the budget holds toRecallMicroUsd for each.
-- Clears the portrait's bit: it was recalled, has ended, or holds a sum of its own. Returns whether that released money.
local function noteRecalled(i)
  if not hasBudget() or redis.call('GETBIT', recalls, i) == 0 then return false end
  redis.call('SETBIT', recalls, i, 0)
  if redis.call('HINCRBY', meta, 'toRecall', -1) <= 0 then
    redis.call('HDEL', meta, 'toRecall', 'toRecallMicroUsd')
    redis.call('DEL', recalls)
  end
  return true
end
-- Meta's unstored, unstoredMicroUsd and, with a budget, authorizedMicroUsd are the sums over all receipts.
local function countReceipt(before, after)
  local wasPaid, microBefore, heldBefore = moneyIn(before)
  local isPaid, microAfter, heldAfter = moneyIn(after)
  local count, micro, held = isPaid - wasPaid, microAfter - microBefore, heldAfter - heldBefore
  if count ~= 0 then redis.call('HINCRBY', meta, 'unstored', count) end
  if micro ~= 0 then redis.call('HINCRBY', meta, 'unstoredMicroUsd', string.format('%.0f', micro)) end
  if held ~= 0 and hasBudget() then
    redis.call('HINCRBY', meta, 'authorizedMicroUsd', string.format('%.0f', held))
    return held < 0
  end
  return false
end
-- These sums anew, and how many portraits are to be recalled.
local function sumReceipts()
  local sums = { unstored = 0, unstoredMicroUsd = 0, authorizedMicroUsd = 0, toRecall = redis.call('BITCOUNT', recalls) }
  for _, i in ipairs(redis.call('HKEYS', receipts)) do
    if tonumber(i) then
      local paid, micro, held = moneyIn(redis.call('HGET', receipts, i .. ':summary'))
      sums.unstored = sums.unstored + paid
      sums.unstoredMicroUsd = sums.unstoredMicroUsd + micro
      if hasBudget() then sums.authorizedMicroUsd = sums.authorizedMicroUsd + held end
    end
  end
  return sums
end
-- A receipt and its summary are written together, here alone.
local function putReceipt(i, receipt, summary)
  local releases = countReceipt(redis.call('HGET', receipts, i .. ':summary'), summary)
  redis.call('HSET', receipts, i, receipt, i .. ':summary', summary)
  local _, _, held = moneyIn(summary)
  if held > 0 and noteRecalled(i) then releases = true end
  if releases then reviewBudget() end
end
-- Meta's hasDetours is set once a portrait was put off or died with a worker: until then claims and ends spare themselves
-- the look at waits, deaths and stuck.
local function noteDetour() redis.call('HSET', meta, 'hasDetours', 1) end
local function countDeath(field)
  noteDetour()
  return redis.call('HINCRBY', deaths, field, 1)
end
local function forgetDetours(i)
  redis.call('HDEL', deaths, i, i .. ':alone')
  redis.call('SREM', stuck, i)
end
-- What was authorized for the portrait is voided; where something of it was spent, that is to be counted next.
local function dropReceipt(i)
  local before = redis.call('HGET', receipts, i .. ':summary')
  if before then countReceipt(before, nil) end
  noteRecalled(i)
  return redis.call('HDEL', receipts, i, i .. ':summary', i .. ':givenUp')
end
local function setState(i, from, to)
  redis.call('BITFIELD', states, 'SET', 'u4', '#' .. i, to)
  redis.call('HINCRBY', meta, 'n' .. from, -1)
  redis.call('HINCRBY', meta, 'n' .. to, 1)
end
-- The set funded holds the pending portraits that were called and that money is there for: they go on also while the budget
-- is full.
local function move(i, from, to)
  if from > PENDING and not isEnded(from) then redis.call('ZREM', waits, i) end
  if to == PENDING then
    -- A pending portrait has no next look: it must not hold back what it waits behind.
    redis.call('SREM', stuck, i)
    local summary = summaryOf(i)
    if summary and summary.called and summary.held > 0 and hasBudget() then redis.call('SADD', funded, i) end
  elseif from == PENDING and hasBudget() then
    redis.call('SREM', funded, i)
  end
  setState(i, from, to)
end
local function redisNow()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
-- Notes what a portrait waits for, until its next move. reason: its place in core's WAIT_REASONS; why: '' or what failed.
local function putOff(i, reason, delayMs, why)
  noteDetour()
  redis.call('ZADD', waits, string.format('%.0f', reason * ${WAIT_SPAN_MS} + redisNow() + delayMs), i)
  if why ~= '' then redis.call('HSET', meta, 'why:' .. reason, why) end
end
-- Notes, where a portrait is put off, whether that is for a paid result that could not be fetched or stored. It stays noted
-- while that is tried again, and until it waits for a provider or for a blocked destination.
local function noteStuck(i, reason, isPaid)
  local isMeant = reason == ${reasonNumber("result")} or reason == ${reasonNumber("storage")}
  if isMeant and isPaid then
    redis.call('SADD', stuck, i)
  elseif ({ ${NOT_STUCK.map((reason) => `[${reasonNumber(reason)}] = true`).join(", ")} })[reason] then
    redis.call('SREM', stuck, i)
  end
end
-- Dispatch begins at this portrait, where it has gone past it. Meta's lookBack is the first one that became pending ahead of
-- the cursor: a dispatch that has looked there before goes no further than to it.
local function lookBackTo(i)
  local m = redis.call('HMGET', meta, 'cursor', 'lookBack')
  if tonumber(i) < tonumber(m[1]) then redis.call('HSET', meta, 'cursor', i)
  elseif not m[2] or tonumber(i) < tonumber(m[2]) then redis.call('HSET', meta, 'lookBack', i) end
end
local function countFailure(code, by)
  if redis.call('HINCRBY', failures, code, by) <= 0 then redis.call('HDEL', failures, code) end
end
-- The round that a portrait belongs to: the last one that opened it, by itself or (meta baseRound) with all that a stopped
-- batch had never started; and the batch's. round, baseRound: as in meta.
local function roundsOf(i, round, baseRound)
  if not round or round == '0' then return 0, 0 end
  return math.max(redis.call('BITFIELD', rounds, 'GET', 'u8', '#' .. i)[1], tonumber(baseRound or '0')), tonumber(round)
end
local function roundOf(i)
  local m = redis.call('HMGET', meta, 'round', 'baseRound')
  return roundsOf(i, m[1], m[2])
end
-- An outcome says which round its portrait belongs to, and which one the batch is in, where there was more than one.
local function recordIn(i, code, to, line, round, batchRound)
  if batchRound == 0 then redis.call('XADD', outcomes, '*', 'line', line)
  else redis.call('XADD', outcomes, '*', 'line', line, 'round', round, 'batchRound', batchRound) end
  if to >= FAILED then
    countFailure(code, 1)
    if redis.call('HLEN', details) < ${MOST_DETAILS} then redis.call('HSET', details, i, line) end
  end
end
local function record(i, code, to, line)
  local round, batchRound = roundOf(i)
  recordIn(i, code, to, line, round, batchRound)
end
-- Adds what a portrait cost (micro-USD) to the batch and to its day. lane: '' for the batch's own.
local function spend(part, day, lane, micro)
  if tonumber(micro) ~= 0 then
    redis.call('HINCRBY', meta, part .. 'MicroUsd', micro)
    redis.call('HINCRBY', meta, part .. ':' .. day .. ':' .. lane, micro)
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
  "funded",
  "stuck",
  "waits",
  "orders",
  "deaths",
  "recalls",
];

/** A script on the keys of one batch. */
export interface LedgerScript<Name extends string = never> extends Script {
  /** Those that it uses, in the order in which it takes them. */
  readonly keys: readonly LedgerKey[];
  /** Its arguments, in the order in which it takes them. */
  readonly names: readonly Name[];
}

/** The arguments of a script by their names. */
export type ScriptArguments<Name extends string> = Readonly<Record<Name, string | number>>;

/** What a script is run with: its arguments, then those that come as a list of any length. */
export type RunScript = <Name extends string>(
  script: LedgerScript<Name>,
  batchId: string,
  args: ScriptArguments<Name>,
  list?: readonly (string | number)[],
) => Promise<unknown>;

interface Helper {
  readonly name: string;
  readonly lua: string;
}

/** In their order: each uses only those before it. */
const helpers: readonly Helper[] = withoutComments(HELPERS)
  .split(/\n(?=local )/)
  .map((lua) => ({ name: /^local (?:function )?(\w+)/m.exec(lua)?.[1] ?? "", lua }));

/**
 * A script with named keys and arguments: in Lua each is a local of its name. Arguments of a list of any length begin at
 * ARGV[LIST]. Sent and compiled are only the helpers and keys that a script uses: of five scripts a portrait each is a cost.
 */
export function ledgerScript<const Names extends readonly string[]>(
  names: Names,
  lua: string,
): LedgerScript<Names[number]> {
  const body = withoutComments(lua);
  let text = body;
  for (const helper of helpers.toReversed()) if (uses(text, helper.name)) text = `${helper.lua}\n${text}`;
  const keys = KEYS.filter((key) => uses(text, key));
  const locals = [
    localsOf(keys, "KEYS"),
    localsOf(names, "ARGV"),
    uses(body, "LIST") ? `local LIST = ${names.length + 1}\n` : "",
  ];
  return { ...defineScript(locals.join("") + text), keys, names };
}

function localsOf(names: readonly string[], from: "KEYS" | "ARGV"): string {
  return names.length === 0 ? "" : `local ${names.join(", ")} = unpack(${from}, 1, ${names.length})\n`;
}

function withoutComments(lua: string): string {
  return lua.trim().replaceAll(/^\s*--.*\n/gm, "");
}

function uses(lua: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(lua);
}
