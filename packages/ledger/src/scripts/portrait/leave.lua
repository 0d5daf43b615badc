-- Releases a claim and makes the portrait wait. to: QUEUED or RETRYING; receipt, summary: '' if unchanged; lane: the
-- worker's, or ''; reason: a WAIT_ constant; lookMs: delay until the next check; why: what failed, or ''. Returns the time
-- of that check (epoch ms, Redis' clock), or 0 if the claim is lost. If the batch was diverted from the worker's lane, a
-- portrait with a call becomes retrying, so that it does not count against the fallback's backlog; any other portrait
-- becomes pending.
-- include batch: lookBackTo
-- include detour: noteStuck, putOff, redisNow
-- include portrait: move
-- include receipt: putReceipt, summaryOf
local meta, states, claims, receipts, funded, recalls, stuck, waits = unpack(KEYS)
local i, token, to, receipt, summary, lane, reason, lookMs, why = unpack(ARGV)

if redis.call('HGET', claims, i) ~= token then return 0 end
redis.call('HDEL', claims, i)
if receipt ~= '' then putReceipt(i, receipt, summary) end
local known = summaryOf(i)
local to = tonumber(to)
local batchLane, cancelled = unpack(redis.call('HMGET', meta, 'lane', 'cancelled'))
if batchLane and lane ~= '' and batchLane ~= lane then
  if known and known.called then
    to = RETRYING
  elseif not cancelled then
    to = PENDING
    lookBackTo(i)
  end
end
move(i, RUNNING, to)
if to ~= PENDING then
  putOff(i, reason, lookMs, why)
  noteStuck(i, tonumber(reason), known ~= nil and known.paid)
end
return redisNow() + tonumber(lookMs)
