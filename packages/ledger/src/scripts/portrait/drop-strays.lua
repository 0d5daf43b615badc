-- Deletes claims of portraits that are not running, receipts of ended portraits, and waits of portraits that do not wait.
-- list: portraits. Returns the number of portraits with deleted entries.
-- include portrait: isTerminal, stateOf
-- include receipt: dropReceipt
local meta, states, claims, receipts, recalls, stuck, waits, deaths = unpack(KEYS)
local LIST = 1

local dropped = 0
for a = LIST, #ARGV do
  local i = ARGV[a]
  local state = stateOf(i)
  local gone = 0
  if state ~= RUNNING then gone = redis.call('HDEL', claims, i) end
  if isTerminal(state) then
    gone = gone + dropReceipt(i)
    redis.call('HDEL', deaths, i, i .. ':alone')
  end
  if state == PENDING or isTerminal(state) then gone = gone + redis.call('ZREM', waits, i) + redis.call('SREM', stuck, i) end
  if gone > 0 then dropped = dropped + 1 end
end
return dropped
