-- Begins to finish a batch once all its portraits have ended. Returns its round, or -1 if some portraits have not ended.
-- include feed: announce
local meta, feed = unpack(KEYS)

local state, reopening, ingested, cancelled, n0, n1, n2, n3, round = unpack(redis.call('HMGET', meta,
  'state', 'reopening', 'ingested', 'cancelled', 'n0', 'n1', 'n2', 'n3', 'round'))
local open = { running = 1, ingesting = 1, paused = 1, finishing = 1 }
if not state or not open[state] or reopening or not (ingested or cancelled) then return -1 end
if tonumber(n0) + tonumber(n1) + tonumber(n2) + tonumber(n3) ~= 0 then return -1 end
redis.call('HSET', meta, 'state', 'finishing')
redis.call('HDEL', meta, 'pausedBy')
if state == 'paused' then redis.call('HDEL', meta, 'reason') end
if state ~= 'finishing' then announce('batch.finishing') end
return tonumber(round or '0')
