-- Records the portraits of the pilot. picks: their indexes, separated by commas. Returns 1, or 0 if they are already recorded.
-- include batch: revise
local meta = KEYS[1]
local picks = ARGV[1]

local pilot, pilotPicks = unpack(redis.call('HMGET', meta, 'pilot', 'pilotPicks'))
if not pilot or pilotPicks then return 0 end
redis.call('HSET', meta, 'pilotPicks', picks)
revise()
return 1
