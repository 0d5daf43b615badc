-- Records that the object store has all lines of the review log up to number `stored`. Returns 1, or 0 if it was known.
local meta, reviewLines = unpack(KEYS)
local stored = ARGV[1]

local known, revision = unpack(redis.call('HMGET', meta, 'reviewStored', 'reviewRevision'))
if tonumber(stored) <= tonumber(known or '0') or tonumber(stored) > tonumber(revision or '0') then return 0 end
redis.call('HSET', meta, 'reviewStored', stored)
for number = tonumber(known or '0') + 1, tonumber(stored) do
  if number <= revision - REVIEW_LINES_KEPT then redis.call('HDEL', reviewLines, number) end
end
return 1
