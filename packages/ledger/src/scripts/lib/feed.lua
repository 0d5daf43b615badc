-- The batch's feed: events for users and clients. See FEED_EVENTS in core.

-- Appends an event to the batch's feed, with the batch's state. Must be called after the change that the event reports.
-- data: a table, or nil. The entry's id is the event's sequence and the time (epoch ms, Redis' clock), so ids are unique
-- even if Redis lost the last events and reuses their sequence numbers. After FAILURES_TOLD events, failed portraits are no
-- longer reported, so that they do not displace other events.
local function announce(name, data)
  local last, state, tenant = unpack(redis.call('HMGET', meta, 'event', 'state', 'tenant'))
  local sequence = last and tonumber(string.match(last, '^%d+')) + 1 or 1
  if name == 'portrait.failed' and sequence > FAILURES_TOLD then return end
  local id = string.format('%.0f-%.0f', sequence, redisNow())
  redis.call('HSET', meta, 'event', id)
  redis.call('XADD', feed, 'MAXLEN', '~', EVENTS_KEPT, id, 'type', name, 'state', state, 'tenant', tenant or '',
    'data', cjson.encode(data or {}))
end
