-- Releases the claim of a portrait that the budget did not cover, or whose recall found no call. The portrait becomes
-- pending, and does not continue while the budget is full. receipt, summary: '' if there is none; recalled: 1 if its
-- provider was queried for calls from before the loss of Redis. Returns 1, 0 if the claim is lost, or 2 if the portrait is
-- queued and keeps its job, because a worker must recall the portrait, or end it in a stopped batch.
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
