-- Takes back a claim that Redis has forgotten, and writes the receipt of what is under way. A claim that is there is left as it
-- is, as its receipt may be newer. round: in which the portrait was called first; fence: under which its row was read.
-- Returns {1} when the token holds it, or {0} when the portrait has ended, belongs to another round, is held by another, or was
-- called by another since: that one's receipt knows more; or {2, fence} when the source was read anew under that fence, so that the
-- index may be another portrait's.
-- include outcome: roundOf
-- include portrait: isTerminal, move, stateOf
-- include receipt: putReceipt, readSummary, summaryOf
local meta, states, claims, receipts, rounds, funded, recalls, stuck, waits = unpack(KEYS)
local i, token, receipt, summary, round, fence = unpack(ARGV)

local total, cancelled, batchFence = unpack(redis.call('HMGET', meta, 'total', 'cancelled', 'fence'))
if not total or tonumber(i) >= tonumber(total) then return {0} end
local state = stateOf(i)
if isTerminal(state) or (state == PENDING and cancelled) or roundOf(i) ~= tonumber(round) then return {0} end
if state == RUNNING then
  local holder = redis.call('HGET', claims, i)
  if holder then return { holder == token and 1 or 0 } end
end
if (batchFence or '0') ~= fence then return {2, batchFence or '0'} end
local known, mine = summaryOf(i), readSummary(summary)
if known and known.called and (known.first ~= mine.first or known.last > mine.last) then return {0} end
if state ~= RUNNING then move(i, state, RUNNING) end
redis.call('HSET', claims, i, token)
putReceipt(i, receipt, summary)
return {1}
