-- Records that a round replaces a round that Redis had forgotten. at: time of its start. Returns 1, or 0 if the number
-- belongs to another round, or the replacement is already recorded.
-- include batch: revise
local meta = KEYS[1]
local number, at = unpack(ARGV)

local json = redis.call('HGET', meta, 'round:' .. number)
if not json then return 0 end
local round = cjson.decode(json)
if round.at ~= tonumber(at) or round.again or redis.call('HSETNX', meta, 'again:' .. number, 1) == 0 then return 0 end
revise()
return 1
