-- Notes that a producer did the duty.
local meta = KEYS[1]
local duty = ARGV[1]

return redis.call('HDEL', meta, 'stall:' .. duty)
