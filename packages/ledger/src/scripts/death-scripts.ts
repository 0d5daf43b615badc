import { ledgerScript } from "./ledger-script.ts";

/**
 * Counts that a process died which had the portrait alone, on behalf of the worker that started it and still has the claim.
 * Returns {deaths alone, receipt or ''}, or {} where the claim is lost.
 */
export const countDeathAlone = ledgerScript(
  ["i", "token"],
  `
if redis.call('HGET', claims, i) ~= token then return {} end
return { countDeath(i .. ':alone'), redis.call('HGET', receipts, i) or '' }`,
);

/**
 * Makes portraits pending that lost their job; one whose answer may be found is retrying, to be given a job also
 * while its batch pays for nothing. In a stopped batch it ends them; one that was with the provider
 * stays queued: `endStopped` ends it, or a worker finishes it. holdersAreDead: 0|1; then index,
 * the claim's token as it was seen (or ''), outcome line if no provider was called, in turn · returns how many moved. Each
 * portrait that is taken from a dead worker counts a death.
 * A portrait that somebody has claimed since is left alone.
 */
export const requeueLost = ledgerScript(
  ["holdersAreDead"],
  `
local m = redis.call('HMGET', meta, 'cancelled', 'cursor', 'stopCode')
local cursor, moved = tonumber(m[2]), 0
for a = LIST, #ARGV, 3 do
  local i = ARGV[a]
  local state = stateOf(i)
  if state ~= PENDING and not isEnded(state) and (redis.call('HGET', claims, i) or '') == ARGV[a + 1] then
    if holdersAreDead == '1' and state == RUNNING and ARGV[a + 1] ~= '' then countDeath(i) end
    redis.call('HDEL', claims, i)
    local summary = summaryOf(i)
    if not m[1] and summary and summary.unanswered then
      if state ~= RETRYING then move(i, state, RETRYING) end
    elseif not m[1] then
      move(i, state, PENDING)
      if tonumber(i) < cursor then cursor = tonumber(i) end
    elseif summary and summary.called then
      move(i, state, QUEUED)
    else
      dropReceipt(i)
      forgetDetours(i)
      move(i, state, CANCELLED)
      record(i, m[3], CANCELLED, ARGV[a + 2])
    end
    moved = moved + 1
  end
end
if moved > 0 then redis.call('HINCRBY', meta, 'epoch', 1) end
redis.call('HSET', meta, 'cursor', cursor)
return moved`,
);
