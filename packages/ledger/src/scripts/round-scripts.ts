import { DEATHS_OF_SUSPECT } from "@darkroom/core";
import { ledgerScript } from "./ledger-script.ts";
import { orderScript } from "./order-script.ts";

/** As many rounds as a byte counts. */
export const MOST_ROUNDS = 255;

/**
 * Begins a round: portraits that failed are going to be opened again. roundJson: the round without its number; again: the number of the last round where that was
 * forgotten and this is the same once more, else ''; then rounds that follow it and are opened with it · returns {'begun', number} · {'busy'} while another is being opened · {'full'} after the last one that is counted ·
 * {'refused', state}. A stopped batch goes on with what was never started, all of which then belongs to this round: its
 * other portraits have all ended.
 */
export const beginRound = orderScript(
  ["stop"],
  ["roundJson", "again"],
  `
local m = redis.call('HMGET', meta, 'state', 'reopening', 'cancelled', 'stopped', 'stopCode', 'round')
local open = { running = 1, paused = 1, completed = 1, completed_with_failures = 1, cancelled = 1 }
if not open[m[1]] then return { 'refused', m[1] } end
if m[2] then return { 'busy' } end
local more = #ARGV - LIST + 1
if tonumber(m[6]) + more >= ${MOST_ROUNDS} then return { 'full' } end
local isAgain = again ~= '' and m[6] == again
local number = redis.call('HINCRBY', meta, 'round', isAgain and 0 or 1)
if m[3] then
  local pending = tonumber(m[4])
  if pending > 0 then
    redis.call('HINCRBY', meta, 'n' .. CANCELLED, -pending)
    redis.call('HINCRBY', meta, 'n' .. PENDING, pending)
    countFailure(m[5], -pending)
  end
  redis.call('HSET', meta, 'baseRound', number)
  redis.call('HDEL', meta, 'cancelled', 'stopped', 'stopCode', 'stoppedAtRest')
  redis.call('HSET', meta, 'cursor', 0)
end
if m[1] ~= 'paused' then
  redis.call('HSET', meta, 'state', redis.call('HEXISTS', meta, 'ingested') == 1 and 'running' or 'ingesting')
  redis.call('HDEL', meta, 'reason', 'endedAt', 'pausedBy', 'consistency', 'noReport', 'endNow')
  -- Its portraits may need less than what was refused before, and what an ended batch held is free.
  redis.call('HDEL', meta, 'budgetNeeds', 'budgetNeedsBy', 'budgetNext')
end
redis.call('HSET', meta, 'round:' .. number, roundJson, 'opened:' .. number, m[3] and m[4] or 0, 'reopening', number)
for a = LIST, #ARGV do
  local other = redis.call('HINCRBY', meta, 'round', 1)
  redis.call('HSET', meta, 'round:' .. other, ARGV[a], 'opened:' .. other, 0)
end
redis.call('HINCRBY', meta, 'epoch', 1)
redis.call('DEL', breaker)
revise('round')
return { 'begun', number }`,
);

/**
 * Takes the numbers of rounds that were forgotten. firstNumber: the first one's; then each round as JSON without its number ·
 * returns how many were taken: all, or none where they are there already or would be too many. They open nothing. What was
 * begun with these numbers since moves up behind them: no portrait of it is open yet.
 */
export const adoptRounds = ledgerScript(
  ["firstNumber"],
  `
local first, forgotten = tonumber(firstNumber), #ARGV - LIST + 1
local m = redis.call('HMGET', meta, 'round', 'reopening', 'baseRound', 'round:' .. firstNumber)
if not m[1] or m[4] == ARGV[LIST] or tonumber(m[1]) + forgotten > ${MOST_ROUNDS} then return 0 end
for number = tonumber(m[1]), first, -1 do
  local round = redis.call('HMGET', meta, 'round:' .. number, 'opened:' .. number, 'again:' .. number)
  local behind = number + forgotten
  redis.call('HSET', meta, 'round:' .. behind, round[1], 'opened:' .. behind, round[2])
  if round[3] then redis.call('HSET', meta, 'again:' .. behind, 1) end
  redis.call('HDEL', meta, 'again:' .. number)
end
for a = LIST, #ARGV do
  redis.call('HSET', meta, 'round:' .. first + a - LIST, ARGV[a], 'opened:' .. first + a - LIST, 0)
end
redis.call('HINCRBY', meta, 'round', forgotten)
if m[2] and tonumber(m[2]) >= first then redis.call('HINCRBY', meta, 'reopening', forgotten) end
if m[3] and tonumber(m[3]) >= first then redis.call('HINCRBY', meta, 'baseRound', forgotten) end
return forgotten`,
);

/**
 * Notes that a round was begun in the place of one that was forgotten. number; at: when it was begun · returns 1,
 * or 0 where it is another one or that is noted.
 */
export const markAgain = ledgerScript(
  ["number", "at"],
  `
local round = redis.call('HGET', meta, 'round:' .. number)
if not round then return 0 end
round = cjson.decode(round)
if round.at ~= tonumber(at) or round.again or redis.call('HSETNX', meta, 'again:' .. number, 1) == 0 then return 0 end
revise()
return 1`,
);

/**
 * Opens ended portraits again. number: of the round that is being opened, or began with it; then index, outcome code
 * and round of the outcome line that says so, in turn · returns how many. A portrait that has ended otherwise since that
 * line (it was opened by a later round) is left as it is. One at which processes died begins as a
 * suspect: it kills no worker again.
 */
export const reopen = ledgerScript(
  ["number"],
  `
local from = redis.call('HGET', meta, 'reopening')
if not from or tonumber(number) < tonumber(from) then return 0 end
local cursor, moved = tonumber(redis.call('HGET', meta, 'cursor')), 0
for a = LIST, #ARGV, 3 do
  local i, code = ARGV[a], ARGV[a + 1]
  local state = stateOf(i)
  local openedBy = redis.call('BITFIELD', rounds, 'GET', 'u8', '#' .. i)[1]
  local detail = redis.call('HGET', details, i)
  local isLatest = openedBy <= tonumber(ARGV[a + 2]) and (not detail or cjson.decode(detail).code == code)
  if isLatest and (state == FAILED or state == CANCELLED) then
    move(i, state, PENDING)
    redis.call('BITFIELD', rounds, 'SET', 'u8', '#' .. i, number)
    countFailure(code, -1)
    redis.call('HDEL', details, i)
    if code == 'worker_died' then 
      noteDetour()
      redis.call('HSET', deaths, i, ${DEATHS_OF_SUSPECT})
    end
    if tonumber(i) < cursor then cursor = tonumber(i) end
    moved = moved + 1
  end
end
redis.call('HSET', meta, 'cursor', cursor)
redis.call('HINCRBY', meta, 'opened:' .. number, moved)
return moved`,
);

/**
 * Every portrait of the round is open, and of those that began with it: how many they are is known, and goes to the
 * object store. number: the first of them · returns 1 or 0.
 */
export const endReopening = ledgerScript(
  ["number"],
  `
if redis.call('HGET', meta, 'reopening') ~= number then return 0 end
redis.call('HDEL', meta, 'reopening')
revise()
return 1`,
);
