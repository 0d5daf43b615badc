-- Prevents a batch from being created for keepMs. Returns 1, or 0 if the batch already exists.
local meta = KEYS[1]
local keepMs = ARGV[1]

if redis.call('HEXISTS', meta, 'state') == 1 then return 0 end
redis.call('HSET', meta, 'spec', '')
redis.call('PEXPIRE', meta, keepMs)
return 1
