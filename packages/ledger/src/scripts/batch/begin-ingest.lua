-- Starts an ingest, or takes one over. now: epoch ms. Returns the ingest's fence, or 0 if the batch does not exist. Each
-- fence is higher than all before it, even if Redis has forgotten some, because a fence is at least the current time.
local meta = KEYS[1]
local now = ARGV[1]

if redis.call('HEXISTS', meta, 'spec') == 0 then return 0 end
local fence = math.max(tonumber(redis.call('HGET', meta, 'fence') or 0) + 1, tonumber(now))
redis.call('HSET', meta, 'fence', string.format('%.0f', fence))
return fence
