-- Restores a batch from keys that were collected under other names. Keys: meta, then the temporary and the final key of each
-- part. Arguments: fields of meta and their values. Returns 1, or 0 if the batch already exists.
local meta = KEYS[1]

local exists = redis.call('EXISTS', meta) == 1
for k = 2, #KEYS, 2 do
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
return 1
