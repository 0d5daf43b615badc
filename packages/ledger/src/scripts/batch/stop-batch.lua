-- Stops a batch of any size in one step. stopCode: outcome code of portraits that never started; endsRunning: 1 to also end
-- running portraits. Returns {state, 1 if it is stopped}. Afterwards (meta's cancelled) PENDING means CANCELLED. A pending
-- portrait with a call becomes queued, and the producer ends it from its receipt. A batch that was paused makes no calls
-- after its stop, and only fetches paid pictures.
-- include batch: revise
-- include detour: forgetDetours
-- include feed: announce
-- include order: answerOrder
-- include outcome: countFailure
-- include portrait: move, stateOf
-- include receipt: dropReceipt, wasCalled
local meta, states, receipts, failures, funded, recalls, stuck, waits, orders, deaths, feed = unpack(KEYS)
local orderId, orderSays, orderRevision, orderRound, reason, stopCode, endsRunning = unpack(ARGV)

return answerOrder({ 'round' }, function()
  local state, cancelled, n0, pausedBy = unpack(redis.call('HMGET', meta, 'state', 'cancelled', 'n0', 'pausedBy'))
  local open = { running = 1, ingesting = 1, paused = 1, awaiting_confirmation = 1, awaiting_approval = 1 }
  if endsRunning == '1' and state == 'finishing' and redis.call('HEXISTS', meta, 'stall:finish') == 1 then
    redis.call('HSET', meta, 'endNow', reason)
    redis.call('HDEL', meta, 'stall:finish')
  end
  if cancelled == '0' and endsRunning == '1' and state == 'finishing' then
    redis.call('HSET', meta, 'cancelled', '1')
    revise('stop')
    announce('batch.stopped', { reason = reason, code = stopCode })
  end
  if cancelled or not open[state] then
    local isStopped = cancelled or redis.call('HEXISTS', meta, 'endNow') == 1
    return { state, isStopped and 1 or 0 }
  end
  redis.call('HDEL', meta, 'toRecall', 'toRecallMicroUsd')
  redis.call('DEL', recalls)
  local code = stopCode
  if pausedBy == 'budget' and code == 'cancelled' then code = 'over_budget' end
  local pending = tonumber(n0)
  for _, i in ipairs(redis.call('HKEYS', receipts)) do
    if tonumber(i) and stateOf(i) == PENDING then
      if wasCalled(i) then
        move(i, PENDING, QUEUED)
        redis.call('HSET', receipts, i .. ':givenUp', 1)
        pending = pending - 1
      else
        dropReceipt(i)
        forgetDetours(i)
      end
    end
  end
  redis.call('HSET', meta, 'cancelled', endsRunning, 'stopCode', code, 'stopped', pending, 'state', 'finishing',
    'reason', reason, 'n' .. PENDING, 0)
  if state == 'paused' then redis.call('HSET', meta, 'stoppedAtRest', 1) end
  redis.call('HDEL', meta, 'pausedBy', 'confirm', 'pilot', 'pilotPicks', 'reopening')
  redis.call('HINCRBY', meta, 'n' .. CANCELLED, pending)
  if pending > 0 then countFailure(code, pending) end
  revise('stop')
  announce('batch.stopped', { reason = reason, code = code })
  return { 'finishing', 1 }
end)
