-- Records the portraits of the pilot. picks: their indexes; former: the picks that they replace, empty for none; both
-- separated by commas. Returns 1, or 0 if other picks are recorded.
-- include batch: revise
local meta = KEYS[1]
local picks, former = unpack(ARGV)

local pilot, pilotPicks = unpack(redis.call('HMGET', meta, 'pilot', 'pilotPicks'))
if not pilot or (pilotPicks or '') ~= former then return 0 end
redis.call('HSET', meta, 'pilotPicks', picks)
revise()
return 1
