-- Restores a claim that Redis has forgotten, with the receipt of the work in flight. An existing claim is kept, because its
-- receipt may be newer. round: of the portrait's first call; fence: of the ingest that read its row. Returns {1} if the token
-- holds the claim; {0} if the portrait has ended, belongs to another round, is claimed by another worker, or has a newer
-- receipt; {2, fence} if the source was ingested again with that fence, so that the index may belong to another portrait.
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
