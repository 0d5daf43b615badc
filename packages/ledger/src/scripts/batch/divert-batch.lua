-- Fails a running batch over to its fallback, permanently. May be repeated. fallback: its lane; now: epoch ms; madeFor: the
-- revision of the decision, or ''; list: waiting portraits. Returns {1 if the failover is new, portraits requeued}, or {-1,
-- 0} if the batch must not be diverted. Portraits without a call become pending, for the fallback. The others stay with the
-- lane of their receipt, as retrying, so that they do not count against the fallback's backlog.
-- include batch: revise
-- include detour: putOff
-- include feed: announce
-- include portrait: move, stateOf
-- include receipt: summaryOf
local meta, states, receipts, funded, stuck, waits, feed = unpack(KEYS)
local fallback, now, madeFor = unpack(ARGV, 1, 3)
local LIST = 4

local state, cancelled, lane, cursorNow, revision = unpack(redis.call('HMGET', meta,
  'state', 'cancelled', 'lane', 'cursor', 'revision'))
if (state ~= 'running' and state ~= 'ingesting') or cancelled or (lane and lane ~= fallback) then return {-1, 0} end
if not lane and madeFor ~= '' and revision ~= madeFor then return {-1, 0} end
local new, cursor, moved = lane and 0 or 1, tonumber(cursorNow), 0
if new == 1 then
  redis.call('HSET', meta, 'lane', fallback, 'divertedAt', now)
  revise()
  announce('batch.failed_over', { lane = fallback })
end
for a = LIST, #ARGV do
  local i = ARGV[a]
  local from = stateOf(i)
  if from == QUEUED or from == RETRYING then
    local summary = summaryOf(i)
    if not (summary and summary.called) then
      move(i, from, PENDING)
      if tonumber(i) < cursor then cursor = tonumber(i) end
      moved = moved + 1
    elseif from == QUEUED and summary.lane ~= fallback then
      move(i, QUEUED, RETRYING)
      putOff(i, WAIT_OTHER_LANE, 0, '')
    end
  end
end
redis.call('HSET', meta, 'cursor', cursor)
if new == 1 or moved > 0 then redis.call('HINCRBY', meta, 'epoch', 1) end
return {new, moved}
