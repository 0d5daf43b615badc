-- Records what keeps a batch from moving, and reports a change. what: 'blocked' or 'unattended'; cause: identifies the cause, or
-- '' if there is none any more; data: of the event (JSON). Returns 1 if it has changed. An ended batch is neither.
-- include feed: announce
local meta, feed = unpack(KEYS)
local what, cause, data = unpack(ARGV)

local state, endedAt, known = unpack(redis.call('HMGET', meta, 'state', 'endedAt', 'told:' .. what))
if not state or endedAt or (known or '') == cause then return 0 end
if cause == '' then
  redis.call('HDEL', meta, 'told:' .. what)
  announce(what == 'blocked' and 'batch.unblocked' or 'batch.attended')
else
  redis.call('HSET', meta, 'told:' .. what, cause)
  announce(what == 'blocked' and 'batch.blocked' or 'batch.unattended', cjson.decode(data))
end
return 1
