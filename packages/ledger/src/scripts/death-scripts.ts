import { ledgerScript } from "./ledger-script.ts";

/**
 * Counts that a process died which had the portrait alone, on behalf of the worker that started it and still has the claim.
 * ARGV index, token · returns {deaths alone, receipt or ''}, or {} where the claim is lost.
 */
export const countDeathAlone = ledgerScript(`
local i = ARGV[1]
if redis.call('HGET', claims, i) ~= ARGV[2] then return {} end
return { redis.call('HINCRBY', deaths, i .. ':alone', 1), redis.call('HGET', receipts, i) or '' }`);

/**
 * Puts portraits that lost their job back into the row; one whose answer may be found is retrying, to be given a job also
 * while its batch pays for nothing. In a stopped batch it ends them; one that was with the provider
 * stays queued: `endStopped` ends it, or a worker finishes it. ARGV 1 where the workers that hold them are dead, then index,
 * the claim's token as it was seen (or ''), outcome line if no provider was called, in turn · returns how many moved. Each
 * portrait that is taken from a dead worker counts a death.
 * A portrait that somebody has claimed since is left alone.
 */
export const requeueLost = ledgerScript(`
local m = redis.call('HMGET', meta, 'cancelled', 'cursor', 'stopCode')
local cursor, moved = tonumber(m[2]), 0
for a = 2, #ARGV, 3 do
  local i = ARGV[a]
  local state = stateOf(i)
  if state >= 1 and state <= 3 and (redis.call('HGET', claims, i) or '') == ARGV[a + 1] then
    if ARGV[1] == '1' and state == 2 and ARGV[a + 1] ~= '' then redis.call('HINCRBY', deaths, i, 1) end
    redis.call('HDEL', claims, i)
    if not m[1] and isUnanswered(redis.call('HGET', receipts, i)) then
      if state ~= 3 then move(i, state, 3) end
    elseif not m[1] then
      move(i, state, 0)
      if tonumber(i) < cursor then cursor = tonumber(i) end
    elseif wasCalled(redis.call('HGET', receipts, i)) then
      move(i, state, 1)
    else
      dropReceipt(i)
      move(i, state, 7)
      record(i, m[3], 7, ARGV[a + 2])
    end
    moved = moved + 1
  end
end
if moved > 0 then redis.call('HINCRBY', meta, 'epoch', 1) end
redis.call('HSET', meta, 'cursor', cursor)
return moved`);
