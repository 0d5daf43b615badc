-- Helpers for a batch as a whole.

-- Increments the revision, so that the producer saves the users' orders in the object store. Each name in `...` records the
-- revision of the last such order, because an older order must not undo it.
local function revise(...)
  local revision = redis.call('HINCRBY', meta, 'revision', 1)
  for _, what in ipairs({ ... }) do redis.call('HSET', meta, 'since:' .. what, revision) end
end

-- Returns the state of a batch that continues.
local function runningState()
  local ingested, confirm = unpack(redis.call('HMGET', meta, 'ingested', 'confirm'))
  if not ingested then return 'ingesting' end
  return confirm and 'awaiting_confirmation' or 'running'
end

-- Makes dispatch read portrait i again. Meta's lookBack is the first portrait that became pending ahead of the cursor. A
-- dispatch that has already read that portrait must not move the cursor past that portrait.
local function lookBackTo(i)
  local cursor, lookBack = unpack(redis.call('HMGET', meta, 'cursor', 'lookBack'))
  if tonumber(i) < tonumber(cursor) then redis.call('HSET', meta, 'cursor', i)
  elseif not lookBack or tonumber(i) < tonumber(lookBack) then redis.call('HSET', meta, 'lookBack', i) end
end
