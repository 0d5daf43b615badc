-- Records that the object store has all orders up to revision `stored`. Returns the current revision. If `stored` is higher,
-- it belongs to orders that Redis has forgotten, and is not recorded.
local meta = KEYS[1]
local stored = ARGV[1]

local m = redis.call('HMGET', meta, 'revision', 'storedRevision')
local revision, new = tonumber(m[1] or '0'), tonumber(stored)
if new > tonumber(m[2] or '0') and new <= revision then redis.call('HSET', meta, 'storedRevision', new) end
return revision
