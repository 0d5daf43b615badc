-- Pauses a batch. by: a Pauser of core. Returns {state, 1 if it is paused}.
-- include batch: revise
-- include feed: announce
-- include order: answerOrder
local meta, orders, feed = unpack(KEYS)
local orderId, orderSays, orderRevision, orderRound, reason, by = unpack(ARGV)

return answerOrder({ 'resume', 'round' }, function()
  local state = redis.call('HGET', meta, 'state')
  if state ~= 'running' and state ~= 'ingesting' then return { state, state == 'paused' and 1 or 0 } end
  redis.call('HSET', meta, 'state', 'paused', 'reason', reason, 'pausedBy', by)
  revise('pause')
  announce('batch.paused', { by = by, reason = reason })
  return { 'paused', 1 }
end)
