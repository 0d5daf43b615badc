-- Notes that a round was begun in the place of one that Redis had forgotten. at: when it was begun. Returns 1, or 0 where the
-- number is another round's or that is noted already.
-- include batch: revise
local meta = KEYS[1]
local number, at = unpack(ARGV)

local json = redis.call('HGET', meta, 'round:' .. number)
if not json then return 0 end
local round = cjson.decode(json)
if round.at ~= tonumber(at) or round.again or redis.call('HSETNX', meta, 'again:' .. number, 1) == 0 then return 0 end
revise()
return 1
