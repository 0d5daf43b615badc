-- Gives a claim back; the portrait waits. to: QUEUED or RETRYING; receipt, summary: '' where they stay; lane: the worker's, or '';
-- reason: a WAIT_ constant; lookMs: until the next look; why: what failed, or ''. Returns when that look is (epoch ms, Redis'
-- clock), or 0 when the claim is lost.
-- In a batch that was diverted from the worker's lane, a portrait that was called is retrying: so it takes no place in the
-- fallback's dispatch window. Every other one is pending again.
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
