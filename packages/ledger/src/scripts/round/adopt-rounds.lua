-- Adds rounds that Redis has forgotten. firstNumber: number of the first; list: each round as JSON without its number.
-- Returns the number of rounds added: all, or none if they already exist or exceed the maximum. These rounds reopen nothing.
-- Rounds that were started with these numbers in the meantime are renumbered after them; none of their portraits is open
-- yet.
local meta = KEYS[1]
local firstNumber = ARGV[1]
local LIST = 2

local first, forgotten = tonumber(firstNumber), #ARGV - LIST + 1
local round, reopening, baseRound, present = unpack(redis.call('HMGET', meta,
  'round', 'reopening', 'baseRound', 'round:' .. firstNumber))
if not round or present == ARGV[LIST] or tonumber(round) + forgotten > MOST_ROUNDS then return 0 end
for number = tonumber(round), first, -1 do
  local json, opened, again = unpack(redis.call('HMGET', meta, 'round:' .. number, 'opened:' .. number, 'again:' .. number))
  local behind = number + forgotten
  redis.call('HSET', meta, 'round:' .. behind, json, 'opened:' .. behind, opened)
  if again then redis.call('HSET', meta, 'again:' .. behind, 1) end
  redis.call('HDEL', meta, 'again:' .. number)
end
for a = LIST, #ARGV do
  local roundJson = ARGV[a]
  local number = first + a - LIST
  redis.call('HSET', meta, 'round:' .. number, roundJson, 'opened:' .. number, 0)
end
redis.call('HINCRBY', meta, 'round', forgotten)
if reopening and tonumber(reopening) >= first then redis.call('HINCRBY', meta, 'reopening', forgotten) end
if baseRound and tonumber(baseRound) >= first then redis.call('HINCRBY', meta, 'baseRound', forgotten) end
return forgotten
