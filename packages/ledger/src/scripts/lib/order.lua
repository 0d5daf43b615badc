-- Orders: decisions of a user, a schedule or a producer about a whole batch. Their scripts begin with these arguments:
--   orderId        the same when the order is sent again
--   orderSays      digest of the order's content
--   orderRevision  the batch's revision when the order was decided, or '' for the current one
--   orderRound     the batch's round when the order was decided, or ''

-- Returns true if the order was decided before the last `what`, which revise has recorded.
local function precedes(what)
  local revision, since = tonumber(orderRevision), redis.call('HGET', meta, 'since:' .. what)
  return revision ~= nil and since ~= false and revision < tonumber(since)
end

-- Carries out the order, once. undoes: what the order may undo, by the names of revise. Returns {'unknown'} if the batch
-- does not exist, {'other'} if the id was used for another order, and {'stale', state} if the order was decided in an
-- earlier round, or before a change that it would undo. Otherwise returns {'answer', …} with the result of carryOut, from
-- now or from when the order first arrived.
local function answerOrder(undoes, carryOut)
  local state, round = unpack(redis.call('HMGET', meta, 'state', 'round'))
  if not state then return { 'unknown' } end
  local known = redis.call('HGET', orders, orderId)
  if known then
    local before = cjson.decode(known)
    if before.says ~= orderSays then return { 'other' } end
    return { 'answer', unpack(before.answer) }
  end
  local madeIn = tonumber(orderRound)
  if madeIn and madeIn < tonumber(round or '0') then return { 'stale', state } end
  for _, undone in ipairs(undoes) do
    if precedes(undone) then return { 'stale', state } end
  end
  local answer = carryOut()
  -- The caller retries an order that returned one of these, so the answer is not kept.
  if answer[1] == 'busy' or answer[1] == 'changed' then return { 'answer', answer[1] } end
  if answer[1] == 'stale' then return answer end
  redis.call('HSET', orders, orderId, cjson.encode({ says = orderSays, answer = answer }))
  local number = redis.call('HINCRBY', orders, '#', 1)
  redis.call('HSET', orders, '#' .. number, orderId)
  local oldest = '#' .. (number - ORDERS_KEPT)
  local forgotten = redis.call('HGET', orders, oldest)
  if forgotten then redis.call('HDEL', orders, oldest, forgotten) end
  local expiresInMs = redis.call('PTTL', meta)
  if expiresInMs > 0 then redis.call('PEXPIRE', orders, expiresInMs) end
  return { 'answer', unpack(answer) }
end
