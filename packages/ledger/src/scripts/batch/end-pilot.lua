-- Makes a batch wait for approval once all portraits of its pilot have ended, or lets it continue if no other portrait is
-- left. Returns the new state.
-- include batch: revise
-- include feed: announce
-- include portrait: isTerminal, stateOf
local meta, states, feed = unpack(KEYS)

local state, pilotPicks, pending = unpack(redis.call('HMGET', meta, 'state', 'pilotPicks', 'n0'))
if state ~= 'running' or not pilotPicks then return state end
for i in string.gmatch(pilotPicks, '%d+') do
  if not isTerminal(stateOf(i)) then return state end
end
if pending == '0' then redis.call('HDEL', meta, 'pilot', 'pilotPicks')
else
  redis.call('HSET', meta, 'state', 'awaiting_approval')
  announce('batch.awaiting_approval')
end
revise('pilot')
return redis.call('HGET', meta, 'state')
