-- Raises the revision above a stored one that Redis has forgotten. Returns 1 if the revision was raised.
-- include batch: revise
local meta = KEYS[1]
local known = ARGV[1]

local revision, storedRevision = unpack(redis.call('HMGET', meta, 'revision', 'storedRevision'))
local forgotten = tonumber(known)
if tonumber(storedRevision or '0') >= forgotten or tonumber(revision or '0') > forgotten then return 0 end
redis.call('HSET', meta, 'revision', forgotten)
revise()
return 1
