-- Ends a batch that is finishing in this round. to: its final state; reason: or ''; now: epoch ms; consistency: JSON, or '';
-- hasReport: 1 if a report was written. Returns 1 if it ended.
local meta = KEYS[1]
local round, to, reason, now, consistency, hasReport = unpack(ARGV)

local state, batchRound = unpack(redis.call('HMGET', meta, 'state', 'round'))
if state ~= 'finishing' or (batchRound or '0') ~= round then return 0 end
redis.call('HSET', meta, 'state', to, 'endedAt', now)
redis.call('HDEL', meta, 'stall:finish', 'endNow', 'noReport')
if hasReport ~= '1' then redis.call('HSET', meta, 'noReport', 1) end
if reason ~= '' then redis.call('HSET', meta, 'reason', reason) end
if consistency ~= '' then redis.call('HSET', meta, 'consistency', consistency) end
return 1
