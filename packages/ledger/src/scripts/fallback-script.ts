import { ledgerScript, reasonNumber } from "./ledger-script.ts";

/**
 * Gives a running batch to its fallback for good. fallback: its lane; now: ms; madeFor: the revision that it was
 * decided for, or ''; then indexes of portraits that wait ·
 * returns {1 when it is diverted from now on, portraits put back}; {-1, 0} when it may not be diverted. Those that no
 * provider was called for go back into the row, to be dispatched to the fallback; the others stay with the lane of their
 * receipt, as retrying, so that they take no room in the fallback's window. Can be repeated.
 */
export const divert = ledgerScript(
  ["fallback", "now", "madeFor"],
  `
local m = redis.call('HMGET', meta, 'state', 'cancelled', 'lane', 'cursor', 'revision')
if (m[1] ~= 'running' and m[1] ~= 'ingesting') or m[2] or (m[3] and m[3] ~= fallback) then return {-1, 0} end
if not m[3] and madeFor ~= '' and m[5] ~= madeFor then return {-1, 0} end
local new, cursor, moved = m[3] and 0 or 1, tonumber(m[4]), 0
if new == 1 then
  redis.call('HSET', meta, 'lane', fallback, 'divertedAt', now)
  revise()
end
for a = LIST, #ARGV do
  local i = ARGV[a]
  local state = stateOf(i)
  if state == QUEUED or state == RETRYING then
    local summary = summaryOf(i)
    if not (summary and summary.called) then
      move(i, state, PENDING)
      if tonumber(i) < cursor then cursor = tonumber(i) end
      moved = moved + 1
    elseif state == QUEUED and summary.lane ~= fallback then
      move(i, QUEUED, RETRYING)
      putOff(i, ${reasonNumber("other_lane")}, 0, '')
    end
  end
end
redis.call('HSET', meta, 'cursor', cursor)
if new == 1 or moved > 0 then redis.call('HINCRBY', meta, 'epoch', 1) end
return {new, moved}`,
);
