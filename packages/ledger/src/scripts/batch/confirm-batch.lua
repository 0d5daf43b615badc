-- Confirms a batch in the state that the user saw. Returns {state, 1 if it is confirmed}.
-- include batch: revise
-- include feed: announce
-- include order: answerOrder
local meta, orders, feed = unpack(KEYS)
local orderId, orderSays, orderRevision, orderRound = unpack(ARGV)

return answerOrder({}, function()
  if redis.call('HGET', meta, 'state') == 'awaiting_confirmation' then
    redis.call('HDEL', meta, 'confirm')
    redis.call('HSET', meta, 'state', 'running')
    revise()
    announce('batch.confirmed')
  end
  local state, confirm = unpack(redis.call('HMGET', meta, 'state', 'confirm'))
  return { state, (not confirm and (state == 'running' or state == 'awaiting_approval')) and 1 or 0 }
end)
