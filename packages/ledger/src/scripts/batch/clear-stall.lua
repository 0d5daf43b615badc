-- Records that a producer has performed the duty.
local meta = KEYS[1]
local duty = ARGV[1]

return redis.call('HDEL', meta, 'stall:' .. duty)
