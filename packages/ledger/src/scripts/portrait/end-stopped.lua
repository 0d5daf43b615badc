-- Ends waiting portraits of a stopped batch that have a call, from their receipts. day: in UTC; list: portraits, with the
-- SHA-1 of the receipt that was read, the outcome, billed ('no', 'maybe' or 'yes'), and the amounts (micro-USD; lane: '' for
-- the batch's own). Returns the number of portraits ended. Skips portraits that were claimed or written in the meantime, and
-- portraits that continue after a deadline.
-- include budget: reviewBudget, spend
-- include detour: forgetDetours
-- include outcome: record
-- include portrait: move, stateOf
-- include receipt: dropReceipt, noteBilled
local meta, states, receipts, outcomes, failures, details, rounds, funded, recalls, stuck, waits, deaths = unpack(KEYS)
local day = ARGV[1]
local LIST = 2

local cancelled = redis.call('HGET', meta, 'cancelled')
if not cancelled then return 0 end
local ended = 0
for a = LIST, #ARGV, 9 do
  local i, receiptSha1, code, line, billed, lane, cost, lost, maybe = unpack(ARGV, a, a + 8)
  local state, receipt = stateOf(i), redis.call('HGET', receipts, i)
  local ends = receipt and (cancelled == '1' or redis.call('HEXISTS', receipts, i .. ':givenUp') == 1)
  if (state == QUEUED or state == RETRYING) and ends and redis.sha1hex(receipt) == receiptSha1 then
    dropReceipt(i)
    forgetDetours(i)
    move(i, state, CANCELLED)
    record(i, code, CANCELLED, line)
    noteBilled(billed, lane)
    spend('cost', day, lane, cost)
    spend('lost', day, lane, lost)
    spend('maybe', day, lane, maybe)
    ended = ended + 1
  end
end
reviewBudget()
return ended
