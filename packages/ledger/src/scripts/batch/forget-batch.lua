-- Deletes a batch that has ended. Returns 1, or 0 and changes nothing if it has not ended.
local meta = KEYS[1]

local ended = { completed = 1, completed_with_failures = 1, cancelled = 1, failed = 1 }
local state = redis.call('HGET', meta, 'state')
if state and not ended[state] then return 0 end
redis.call('DEL', meta)
return 1
