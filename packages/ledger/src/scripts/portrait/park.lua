-- Makes a waiting portrait pending again, for a worker that supports its batch. Returns 1, or 0 if the portrait does not
-- wait: it has ended, its batch was stopped, or a worker has claimed it.
-- include batch: lookBackTo
-- include portrait: move, stateOf
local meta, states, receipts, funded, stuck, waits = unpack(KEYS)
local i = ARGV[1]

local total, cancelled = unpack(redis.call('HMGET', meta, 'total', 'cancelled'))
if not total or cancelled or tonumber(i) >= tonumber(total) then return 0 end
local state = stateOf(i)
if state ~= QUEUED and state ~= RETRYING then return 0 end
move(i, state, PENDING)
lookBackTo(i)
return 1
