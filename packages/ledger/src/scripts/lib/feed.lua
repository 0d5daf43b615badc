-- The batch's feed: events for users and clients. See FEED_EVENTS in core.

-- The sequence of the last event ever added to the stream; the batch's record may be behind.
local function lastInStream()
  local info = redis.call('XINFO', 'STREAM', feed)
  for at = 1, #info, 2 do
    if info[at] == 'last-generated-id' then return tonumber(string.match(info[at + 1], '^%d+')) end
  end
  return 0
end

-- Appends an event to the batch's feed, with the batch's state. Must be called after the change that the event reports.
-- data: a table, or nil. The entry's id is the event's sequence and the time (epoch ms, Redis' clock), so ids are
-- unique even if Redis lost the last events and reuses their sequence numbers. After FAILURES_TOLD events, failed
-- portraits are no longer reported, so that they do not displace other events. Never fails on a record that is older
-- than the stream, because the reported change has already been made.
local function announce(name, data)
  local last, state, tenant = unpack(redis.call('HMGET', meta, 'event', 'state', 'tenant'))
  local sequence = last and tonumber(string.match(last, '^%d+')) + 1 or 1
  if name == 'portrait.failed' and sequence > FAILURES_TOLD then return end
  local event = {'type', name, 'state', state, 'tenant', tenant or '', 'data', cjson.encode(data or {})}
  local id = string.format('%.0f-%.0f', sequence, redisNow())
  if redis.pcall('XADD', feed, 'MAXLEN', '~', EVENTS_KEPT, id, unpack(event)) ~= id then
    id = string.format('%.0f-%.0f', lastInStream() + 1, redisNow())
    redis.call('XADD', feed, 'MAXLEN', '~', EVENTS_KEPT, id, unpack(event))
  end
  redis.call('HSET', meta, 'event', id)
end
