-- Ends a batch that is finishing in this round. to: its final state; reason: or ''; now: epoch ms; consistency,
-- likeness and leftBehind: JSON, or ''; hasReport: 1 if a report was written. Returns 1 if it ended.
-- include feed: announce
local meta, feed = unpack(KEYS)
local round, to, reason, now, consistency, likeness, leftBehind, hasReport = unpack(ARGV)

local state, batchRound = unpack(redis.call('HMGET', meta, 'state', 'round'))
if state ~= 'finishing' or (batchRound or '0') ~= round then return 0 end
redis.call('HSET', meta, 'state', to, 'endedAt', now)
redis.call('HDEL', meta, 'stall:finish', 'endNow', 'noReport', 'told:blocked', 'told:unattended')
if hasReport ~= '1' then redis.call('HSET', meta, 'noReport', 1) end
if reason ~= '' then redis.call('HSET', meta, 'reason', reason) end
if consistency ~= '' then redis.call('HSET', meta, 'consistency', consistency) end
if likeness ~= '' then redis.call('HSET', meta, 'likeness', likeness) end
if leftBehind ~= '' then redis.call('HSET', meta, 'leftBehind', leftBehind) end
local m = redis.call('HMGET', meta, 'total', 'n' .. SUCCEEDED, 'n' .. SKIPPED, 'n' .. FAILED, 'n' .. CANCELLED, 'costMicroUsd',
  'lostMicroUsd', 'maybeMicroUsd')
announce(to == 'cancelled' and 'batch.cancelled' or 'batch.completed', { total = tonumber(m[1]), succeeded = tonumber(m[2]),
  skipped = tonumber(m[3]), failed = tonumber(m[4]), cancelled = tonumber(m[5]), costUsd = m[6] / 1000000,
  lostUsd = m[7] / 1000000, maybeUsd = m[8] / 1000000, reason = reason ~= '' and reason or nil })
return 1
