import { ledgerScript, reasonNumber } from "./ledger-script.ts";

/**
 * Gives a running batch to its fallback for good. ARGV the fallback's lane, now (ms), the revision that it was
 * decided for or '', indexes of portraits that wait ·
 * returns {1 when it is diverted from now on, portraits put back}; {-1, 0} when it may not be diverted. Those that no
 * provider was called for go back into the row, to be dispatched to the fallback; the others stay with the lane of their
 * receipt, as retrying, so that they take no room in the fallback's window. Can be repeated.
 */
export const divert = ledgerScript(`
local m = redis.call('HMGET', meta, 'state', 'cancelled', 'lane', 'cursor', 'revision')
if (m[1] ~= 'running' and m[1] ~= 'ingesting') or m[2] or (m[3] and m[3] ~= ARGV[1]) then return {-1, 0} end
if not m[3] and ARGV[3] ~= '' and m[5] ~= ARGV[3] then return {-1, 0} end
local new, cursor, moved = m[3] and 0 or 1, tonumber(m[4]), 0
if new == 1 then
  redis.call('HSET', meta, 'lane', ARGV[1], 'divertedAt', ARGV[2])
  revise()
end
for a = 4, #ARGV do
  local i = ARGV[a]
  local state = stateOf(i)
  if state == 1 or state == 3 then
    local receipt = redis.call('HGET', receipts, i)
    if not wasCalled(receipt) then
      move(i, state, 0)
      if tonumber(i) < cursor then cursor = tonumber(i) end
      moved = moved + 1
    elseif state == 1 and laneOf(receipt) ~= ARGV[1] then
      move(i, 1, 3)
      putOff(i, ${reasonNumber("other_lane")}, 0, '')
    end
  end
end
redis.call('HSET', meta, 'cursor', cursor)
if new == 1 or moved > 0 then redis.call('HINCRBY', meta, 'epoch', 1) end
return {new, moved}`);
