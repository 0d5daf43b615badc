import { ledgerScript, type LedgerScript } from "./ledger-script.ts";

/** The answers to this many orders of a batch are kept. */
const ANSWERS_KEPT = 200;

/** The order's id, a digest of what it says, and the revision and round that it was made for ('' for whatever holds now). */
const ORDER = ["orderId", "orderSays", "orderRevision", "orderRound"] as const;

export type OrderArgument = (typeof ORDER)[number];

/** What an order may undo; `revise` notes the revision at which each was done last. */
export type Undone = "pause" | "resume" | "stop" | "round" | "pilot" | "budget";

/**
 * A script that carries out an order: something that a person, a schedule or a producer decided about a whole batch.
 * Before the script's own arguments come those of {@link ORDER}. An order that came before answers what it answered
 * then. One that was made before what it would undo, or for an earlier round, changes nothing. Returns {'unknown'} where
 * there is no such batch, {'other'} for an id that came with another order, {'stale', state}, or {'answer', …} with what
 * `lua` returns.
 */
export function orderScript<const Names extends readonly string[]>(
  undoes: readonly Undone[],
  names: Names,
  lua: string,
): LedgerScript<OrderArgument | Names[number]> {
  return ledgerScript(
    [...ORDER, ...names],
    `
local order = { id = orderId, says = orderSays, revision = tonumber(orderRevision), round = tonumber(orderRound) }
-- Whether it was made before this was done last.
local function precedes(what)
  local since = redis.call('HGET', meta, 'since:' .. what)
  return order.revision ~= nil and since ~= false and order.revision < tonumber(since)
end
local function carryOut()
${lua}
end
local now = redis.call('HMGET', meta, 'state', 'round')
if not now[1] then return { 'unknown' } end
local known = redis.call('HGET', orders, order.id)
if known then
  local before = cjson.decode(known)
  if before.says ~= order.says then return { 'other' } end
  return { 'answer', unpack(before.answer) }
end
if order.round and order.round < tonumber(now[2] or '0') then return { 'stale', now[1] } end
for _, undone in ipairs({ ${undoes.map((what) => `'${what}'`).join(", ")} }) do
  if precedes(undone) then return { 'stale', now[1] } end
end
local answer = carryOut()
-- The caller sends a busy order again, so its answer is not kept.
if answer[1] == 'busy' then return { 'answer', 'busy' } end
if answer[1] == 'stale' then return answer end
redis.call('HSET', orders, order.id, cjson.encode({ says = order.says, answer = answer }))
local number = redis.call('HINCRBY', orders, '#', 1)
redis.call('HSET', orders, '#' .. number, order.id)
local oldest = '#' .. (number - ${ANSWERS_KEPT})
local forgotten = redis.call('HGET', orders, oldest)
if forgotten then redis.call('HDEL', orders, oldest, forgotten) end
local goesIn = redis.call('PTTL', meta)
if goesIn > 0 then redis.call('PEXPIRE', orders, goesIn) end
return { 'answer', unpack(answer) }`,
  );
}

/** Reads what an order was answered. says: digest of what it says · returns as an order's script, or {} for a new one. */
export const answeredOrder = ledgerScript(
  ["id", "says"],
  `
local known = redis.call('HGET', orders, id)
if not known then return {} end
local before = cjson.decode(known)
if before.says ~= says then return { 'other' } end
return { 'answer', unpack(before.answer) }`,
);
