-- Makes a batch wait for approval once all portraits of its pilot have ended, or lets it continue if no other portrait is
-- left. Portraits that were delivered before, or are kept, show nothing of the recipe: while others are left, they do not
-- count. Returns {state, picks that are still needed, picks that count, separated by commas}.
-- include batch: revise
-- include feed: announce
-- include portrait: isTerminal, stateOf
local meta, states, feed = unpack(KEYS)

local state, pilot, pilotPicks, pending = unpack(redis.call('HMGET', meta, 'state', 'pilot', 'pilotPicks', 'n0'))
if state ~= 'running' or not pilotPicks then return { state, 0, '' } end
local counting = {}
for i in string.gmatch(pilotPicks, '%d+') do
  local its = stateOf(i)
  if not isTerminal(its) then return { state, 0, '' } end
  if its ~= SKIPPED then counting[#counting + 1] = i end
end
local lacking = tonumber(pilot) - #counting
if pending ~= '0' and lacking > 0 then return { state, lacking, table.concat(counting, ',') } end
if pending == '0' then redis.call('HDEL', meta, 'pilot', 'pilotPicks')
else
  redis.call('HSET', meta, 'state', 'awaiting_approval')
  announce('batch.awaiting_approval')
end
revise('pilot')
return { redis.call('HGET', meta, 'state'), 0, '' }
