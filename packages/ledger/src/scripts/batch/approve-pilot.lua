-- Approves the pilot in the state that the user saw. Returns {state, 1 if it is approved}.
-- include batch: revise
-- include order: answerOrder
local meta, orders = unpack(KEYS)
local orderId, orderSays, orderRevision, orderRound = unpack(ARGV)

return answerOrder({ 'pilot' }, function()
  if redis.call('HGET', meta, 'state') == 'awaiting_approval' then
    redis.call('HDEL', meta, 'pilot', 'pilotPicks')
    redis.call('HSET', meta, 'state', 'running')
    revise()
  end
  local state, pilot = unpack(redis.call('HMGET', meta, 'state', 'pilot'))
  return { state, (not pilot and state == 'running') and 1 or 0 }
end)
