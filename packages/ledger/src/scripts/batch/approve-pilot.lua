-- Approves the pilot in the state that the user saw. Returns {state, 1 if it is approved}.
-- include batch: revise
-- include feed: announce
-- include order: answerOrder
local meta, orders, feed = unpack(KEYS)
local orderId, orderSays, orderRevision, orderRound = unpack(ARGV)

return answerOrder({ 'pilot' }, function()
  if redis.call('HGET', meta, 'state') == 'awaiting_approval' then
    redis.call('HDEL', meta, 'pilot', 'pilotPicks')
    redis.call('HSET', meta, 'state', 'running')
    revise()
    announce('batch.approved')
  end
  local state, pilot = unpack(redis.call('HMGET', meta, 'state', 'pilot'))
  return { state, (not pilot and state == 'running') and 1 or 0 }
end)
