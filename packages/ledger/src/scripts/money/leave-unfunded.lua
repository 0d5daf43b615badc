-- Gives back the claim of a portrait that the budget did not pay for, or whose recall found no call. It is pending, and does not go
-- on while the budget is full. receipt, summary: '' where there is none; recalled: 1 where its provider was asked for calls from
-- before Redis was lost. Returns 1, or 0 when the claim is lost, or 2 where it is queued and keeps its job: to be recalled, or to
-- be ended in a stopped batch.
-- include batch: lookBackTo
-- include budget: hasBudget, noteRecalled, reviewBudget
-- include portrait: move
-- include receipt: putReceipt
local meta, states, claims, receipts, funded, recalls, stuck, waits = unpack(KEYS)
local i, token, receipt, summary, recalled = unpack(ARGV)

if redis.call('HGET', claims, i) ~= token then return 0 end
redis.call('HDEL', claims, i)
if receipt ~= '' then putReceipt(i, receipt, summary) end
if recalled == '1' then noteRecalled(i) end
local isToRecall = hasBudget() and redis.call('GETBIT', recalls, i) == 1
if isToRecall or redis.call('HEXISTS', meta, 'cancelled') == 1 then
  move(i, RUNNING, QUEUED)
  return 2
end
move(i, RUNNING, PENDING)
redis.call('SREM', funded, i)
lookBackTo(i)
reviewBudget()
return 1
