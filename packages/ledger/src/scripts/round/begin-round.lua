-- Starts a round, which will reopen failed portraits. roundJson: the round without its number; again: the number of the
-- last round if Redis had forgotten that round and this one repeats it, otherwise ''; reviewJson: the line of the
-- review log that ordered the rounds, with its event and planned changes, or ''; list: rounds that start with it.
-- Returns {'begun', number}, {'busy'} while another round is being reopened, {'full'} if no further round can be
-- counted, {'changed'} if other users have decided about the results meanwhile, or {'refused', state}. All but the
-- first change nothing. A stopped batch continues with its unstarted portraits, which then belong to this round.
-- include batch: revise
-- include feed: announce
-- include order: answerOrder
-- include outcome: countFailure
-- include review: checkedChanges, recordLine
local meta, states, failures, breaker, orders, reviews, reviewLines, feed = unpack(KEYS)
local orderId, orderSays, orderRevision, orderRound, roundJson, again, reviewJson = unpack(ARGV, 1, 7)
local LIST = 8

return answerOrder({ 'stop' }, function()
  local state, reopening, cancelled, stopped, stopCode, round = unpack(redis.call('HMGET', meta,
    'state', 'reopening', 'cancelled', 'stopped', 'stopCode', 'round'))
  local open = { running = 1, paused = 1, completed = 1, completed_with_failures = 1, cancelled = 1 }
  if not open[state] then return { 'refused', state } end
  if reopening then return { 'busy' } end
  local more = #ARGV - LIST + 1
  if tonumber(round) + more >= MOST_ROUNDS then return { 'full' } end
  local review = reviewJson ~= '' and cjson.decode(reviewJson)
  local changes = review and checkedChanges(review.changes)
  if review and not changes then return { 'changed' } end
  if review then recordLine(changes, review.line, review.event) end
  local isAgain = again ~= '' and round == again
  local number = redis.call('HINCRBY', meta, 'round', isAgain and 0 or 1)
  if cancelled then
    local pending = tonumber(stopped)
    if pending > 0 then
      redis.call('HINCRBY', meta, 'n' .. CANCELLED, -pending)
      redis.call('HINCRBY', meta, 'n' .. PENDING, pending)
      countFailure(stopCode, -pending)
    end
    redis.call('HSET', meta, 'baseRound', number)
    redis.call('HDEL', meta, 'cancelled', 'stopped', 'stopCode', 'stoppedAtRest')
    redis.call('HSET', meta, 'cursor', 0)
  end
  if state ~= 'paused' then
    redis.call('HSET', meta, 'state', redis.call('HEXISTS', meta, 'ingested') == 1 and 'running' or 'ingesting')
    redis.call('HDEL', meta, 'reason', 'endedAt', 'pausedBy', 'consistency', 'likeness', 'leftBehind', 'noReport', 'endNow')
    -- The round's portraits may need less than the refused amount, and amounts held by an ended batch are free again.
    redis.call('HDEL', meta, 'budgetNeeds', 'budgetNeedsBy', 'budgetNext')
  end
  redis.call('HSET', meta, 'round:' .. number, roundJson, 'opened:' .. number, cancelled and stopped or 0, 'reopening', number)
  local opened = { number }
  for a = LIST, #ARGV do
    local otherJson = ARGV[a]
    local other = redis.call('HINCRBY', meta, 'round', 1)
    redis.call('HSET', meta, 'round:' .. other, otherJson, 'opened:' .. other, 0)
    opened[#opened + 1] = other
  end
  redis.call('HINCRBY', meta, 'epoch', 1)
  redis.call('DEL', breaker)
  revise('round')
  announce('batch.round_opened', { rounds = opened })
  return { 'begun', number }
end)
