-- Records that all portraits of the round, and of the rounds that started with it, are reopened. Their counts are now final
-- and are saved in the object store. number: the first round's. Returns 1 or 0.
-- include batch: revise
local meta = KEYS[1]
local number = ARGV[1]

if redis.call('HGET', meta, 'reopening') ~= number then return 0 end
redis.call('HDEL', meta, 'reopening')
revise()
return 1
