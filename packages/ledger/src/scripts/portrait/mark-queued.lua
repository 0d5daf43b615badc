-- Marks portraits as queued after their jobs were added. from, to: the cursor before and after them; list: the portraits.
-- Returns the number of portraits marked. A pause or resume in the meantime changes the state or the epoch. Then no portrait
-- is marked, and their jobs find the portraits pending, which a claim accepts. A cursor that was moved in the meantime is
-- kept, and never passes a portrait that became pending ahead of it.
-- include budget: hasBudget
-- include portrait: move, stateOf
local meta, states, receipts, funded, stuck, waits = unpack(KEYS)
local epoch, from, to = unpack(ARGV, 1, 3)
local LIST = 4

local state, batchEpoch, cursor, lookBack = unpack(redis.call('HMGET', meta, 'state', 'epoch', 'cursor', 'lookBack'))
if (state ~= 'running' and state ~= 'ingesting') or batchEpoch ~= epoch then return 0 end
local moved = 0
for a = LIST, #ARGV do
  local i = ARGV[a]
  if stateOf(i) == PENDING then
    if hasBudget() then move(i, PENDING, QUEUED) else redis.call('BITFIELD', states, 'SET', 'u4', '#' .. i, QUEUED) end
    moved = moved + 1
  end
end
if moved > 0 and not hasBudget() then
  redis.call('HINCRBY', meta, 'n' .. PENDING, -moved)
  redis.call('HINCRBY', meta, 'n' .. QUEUED, moved)
end
if cursor == from and to ~= from then
  redis.call('HSET', meta, 'cursor', lookBack and math.min(tonumber(to), tonumber(lookBack)) or to)
  if lookBack then redis.call('HDEL', meta, 'lookBack') end
end
return moved
