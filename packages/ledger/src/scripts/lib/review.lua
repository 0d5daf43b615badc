-- Helpers for the review log. A portrait's value in reviews (32 bits) is the number of the line that changed it last, times
-- REVIEW_SPAN, plus the number of its review state.

-- Writes a line of the log, and the new values. changes: lists of portrait, old and new review state. Of the lines that the
-- object store has, only the newest stay in Redis.
local function writeLine(number, changes, line)
  local by = { 0, 0, 0 }
  for _, change in ipairs(changes) do
    local i, from, to = unpack(change)
    redis.call('BITFIELD', reviews, 'SET', 'u32', '#' .. i, number * REVIEW_SPAN + to)
    by[from + 1] = by[from + 1] - 1
    by[to + 1] = by[to + 1] + 1
  end
  redis.call('HINCRBY', meta, 'reviewApproved', by[2])
  redis.call('HINCRBY', meta, 'reviewRejected', by[3])
  redis.call('HSET', reviewLines, number, line)
  local old, stored = number - REVIEW_LINES_KEPT, tonumber(redis.call('HGET', meta, 'reviewStored') or '0')
  if old <= stored then redis.call('HDEL', reviewLines, old) end
end

-- An ended batch expires, and so must the keys of a later decision.
local function keepReviews()
  local expiresInMs = redis.call('PTTL', meta)
  if expiresInMs <= 0 then return end
  for _, key in ipairs({ reviews, reviewLines, feed }) do redis.call('PEXPIRE', key, expiresInMs) end
end

-- Ends the decision about a result that another one will replace. The value keeps the line, so that an order that was given
-- before is refused.
local function endDecision(i)
  local value = redis.call('BITFIELD', reviews, 'GET', 'u32', '#' .. i)[1]
  local state = value % REVIEW_SPAN
  if state == 0 then return end
  redis.call('BITFIELD', reviews, 'SET', 'u32', '#' .. i, value - state)
  redis.call('HINCRBY', meta, state == 1 and 'reviewApproved' or 'reviewRejected', -1)
end
