-- Records that a producer failed to perform a duty. message: what failed; firstMs: the first delay; mostMs: the longest.
-- Returns the delay until the next attempt in ms, which doubles with each failure, or 0 if the batch does not exist.
-- include detour: redisNow
local meta = KEYS[1]
local duty, reason, message, firstMs, mostMs = unpack(ARGV)

if redis.call('HEXISTS', meta, 'state') == 0 then return 0 end
local field = 'stall:' .. duty
local known = redis.call('HGET', meta, field)
local stall = known and cjson.decode(known) or { sinceMs = redisNow(), tries = 0 }
local delay = math.min(tonumber(mostMs), tonumber(firstMs) * 2 ^ math.min(stall.tries, 30))
stall.tries = stall.tries + 1
stall.reason, stall.message, stall.nextLookMs = reason, message, redisNow() + delay
redis.call('HSET', meta, field, cjson.encode(stall))
return delay
