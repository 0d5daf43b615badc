import { ledgerScript } from "./ledger-script.ts";

/**
 * Ends what waits in a stopped batch and a provider was called for. day: of UTC; then for each portrait: index, SHA-1 of its
 * receipt as it was read, outcome code, outcome line, maybe billed 0|1, lane or '' for the batch's own, micro-USD of what
 * was delivered, lost, maybe paid · returns how many ended. One that somebody has taken or written to since is left alone,
 * as is one that a deadline lets go on.
 */
export const endStopped = ledgerScript(
  ["day"],
  `
local cancelled = redis.call('HGET', meta, 'cancelled')
if not cancelled then return 0 end
local ended = 0
for a = LIST, #ARGV, 9 do
  local i = ARGV[a]
  local state, receipt = stateOf(i), redis.call('HGET', receipts, i)
  local ends = receipt and (cancelled == '1' or redis.call('HEXISTS', receipts, i .. ':givenUp') == 1)
  if (state == QUEUED or state == RETRYING) and ends and redis.sha1hex(receipt) == ARGV[a + 1] then
    dropReceipt(i)
    forgetDetours(i)
    move(i, state, CANCELLED)
    record(i, ARGV[a + 2], CANCELLED, ARGV[a + 3])
    if ARGV[a + 4] == '1' then redis.call('HINCRBY', meta, 'maybeBilled', 1) end
    spend('cost', day, ARGV[a + 5], ARGV[a + 6])
    spend('lost', day, ARGV[a + 5], ARGV[a + 7])
    spend('maybe', day, ARGV[a + 5], ARGV[a + 8])
    ended = ended + 1
  end
end
reviewBudget()
return ended`,
);
