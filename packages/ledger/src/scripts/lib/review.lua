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

-- Returns the changes of a line, as lists of portrait, old and new review state. planned: lists of portrait, value when the
-- decision was checked, and new review state. Nil if a value is another one now, or a portrait has no result.
local function checkedChanges(planned)
  local changes = {}
  for _, each in ipairs(planned) do
    local i, value, to = unpack(each)
    local now, portrait = redis.call('BITFIELD', reviews, 'GET', 'u32', '#' .. i)[1], stateOf(i)
    if now ~= tonumber(value) or (portrait ~= SUCCEEDED and portrait ~= SKIPPED) then return nil end
    changes[#changes + 1] = { i, now % REVIEW_SPAN, tonumber(to) }
  end
  return changes
end

-- Records a line under the next number, and reports it. Returns the number.
local function recordLine(changes, line, event)
  local number = redis.call('HINCRBY', meta, 'reviewRevision', 1)
  writeLine(number, changes, line)
  event.revision = number
  announce('batch.reviewed', event)
  keepReviews()
  return number
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
