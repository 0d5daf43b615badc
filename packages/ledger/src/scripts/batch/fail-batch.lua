-- Ends a batch whose source could not be read at all. now: epoch ms. Returns 1 if it ended.
-- include feed: announce
local meta, feed = unpack(KEYS)
local reason, now = unpack(ARGV)

local state, total, cancelled = unpack(redis.call('HMGET', meta, 'state', 'total', 'cancelled'))
if (state ~= 'ingesting' and state ~= 'paused') or total ~= '0' or cancelled then return 0 end
redis.call('HSET', meta, 'state', 'failed', 'reason', reason, 'endedAt', now)
redis.call('HDEL', meta, 'told:blocked', 'told:unattended')
announce('batch.failed', { reason = reason })
return 1
