-- Requeues portraits that lost their job. holdersAreDead: 1 counts a death for each claim; list: portraits, the claim's
-- token that was seen (or ''), and an outcome line in case there was no call. Returns the number of portraits requeued. A
-- portrait becomes pending. If its answer may still be found, the portrait becomes retrying, so that it gets a job even
-- while its batch makes no calls. In a stopped batch, the portrait ends. If it has a call, it becomes queued, to be ended
-- from its receipt or finished by a worker. Skips portraits that were claimed in the meantime.
-- include detour: countDeath, forgetDetours
-- include outcome: record
-- include portrait: isTerminal, move, stateOf
-- include receipt: dropReceipt, summaryOf
local meta, states, claims, receipts, outcomes, failures, details, rounds, funded, recalls, stuck, waits, deaths = unpack(KEYS)
local holdersAreDead = ARGV[1]
local LIST = 2

local cancelled, cursorNow, stopCode = unpack(redis.call('HMGET', meta, 'cancelled', 'cursor', 'stopCode'))
local cursor, moved = tonumber(cursorNow), 0
for a = LIST, #ARGV, 3 do
  local i, seenToken, line = unpack(ARGV, a, a + 2)
  local state = stateOf(i)
  if state ~= PENDING and not isTerminal(state) and (redis.call('HGET', claims, i) or '') == seenToken then
    if holdersAreDead == '1' and state == RUNNING and seenToken ~= '' then countDeath(i) end
    redis.call('HDEL', claims, i)
    local summary = summaryOf(i)
    if not cancelled and summary and summary.unanswered then
      if state ~= RETRYING then move(i, state, RETRYING) end
    elseif not cancelled then
      move(i, state, PENDING)
      if tonumber(i) < cursor then cursor = tonumber(i) end
    elseif summary and summary.called then
      move(i, state, QUEUED)
    else
      dropReceipt(i)
      forgetDetours(i)
      move(i, state, CANCELLED)
      record(i, stopCode, CANCELLED, line)
    end
    moved = moved + 1
  end
end
if moved > 0 then redis.call('HINCRBY', meta, 'epoch', 1) end
redis.call('HSET', meta, 'cursor', cursor)
return moved
