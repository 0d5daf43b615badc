-- Ends queued and retrying portraits of a stopped batch that have no call. end-stopped ends those with a call. list:
-- portraits and their outcome lines. Returns the number of portraits ended.
-- include detour: forgetDetours
-- include outcome: record
-- include portrait: move, stateOf
-- include receipt: dropReceipt, wasCalled
local meta, states, receipts, outcomes, failures, details, rounds, funded, recalls, stuck, waits, deaths = unpack(KEYS)
local LIST = 1

if redis.call('HEXISTS', meta, 'cancelled') == 0 then return 0 end
local moved = 0
for a = LIST, #ARGV, 2 do
  local i, line = unpack(ARGV, a, a + 1)
  local state = stateOf(i)
  if (state == QUEUED or state == RETRYING) and not wasCalled(i) then
    dropReceipt(i)
    forgetDetours(i)
    move(i, state, CANCELLED)
    record(i, redis.call('HGET', meta, 'stopCode'), CANCELLED, line)
    moved = moved + 1
  end
end
return moved
