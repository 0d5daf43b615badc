-- Restores a batch from keys that were collected under other names. Keys: meta, feed, then the temporary and the final key
-- of each part. Arguments: fields of meta and their values. Returns 1, or 0 if the batch already exists. If Redis still has
-- the feed, continues it.
-- include feed: announce
local meta, feed = unpack(KEYS, 1, 2)

local exists = redis.call('EXISTS', meta) == 1
for k = 3, #KEYS, 2 do
  local gathered, key = KEYS[k], KEYS[k + 1]
  if exists then
    redis.call('DEL', gathered)
  else
    redis.call('DEL', key)
    if redis.call('EXISTS', gathered) == 1 then
      redis.call('PERSIST', gathered)
      redis.call('RENAME', gathered, key)
    end
  end
end
if exists then return 0 end
for a = 1, #ARGV, 2 do redis.call('HSET', meta, ARGV[a], ARGV[a + 1]) end
local last = redis.call('XREVRANGE', feed, '+', '-', 'COUNT', 1)[1]
if last then redis.call('HSET', meta, 'event', last[1]) end
announce('batch.recovered')
return 1
