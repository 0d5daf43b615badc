-- Records a condition that keeps a batch from making progress, and reports a change. what: 'blocked' or 'unattended'; cause:
-- identifies the cause, or '' if the condition has ended; data: of the event (JSON). Returns 1 if the condition has changed.
-- An ended batch has no conditions.
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
