-- Counts one snapshot part, and ends the ingest with the last part, so that a short part and the end of the source are one
-- step. rowCount: 0 only at the end; isEnd: 0|1; fault: the source's error, or ''; kinds: number of rows by price tier
-- (JSON, core's PriceKinds); note: a note about the source for the user, or ''; findings: JSON, or ''; list: rejected rows.
-- Returns 1, or 0 if another ingest has started, the part is out of order, or the batch accepts no more parts.
-- include batch: revise, runningState
-- include feed: announce
-- include outcome: record
-- include portrait: move
local meta, states, receipts, outcomes, failures, details, rounds, funded, stuck, waits, feed = unpack(KEYS)
local fence, part, rowCount, isEnd, fault, kinds, note, findings = unpack(ARGV, 1, 8)
local LIST = 9

local batchFence, parts, cancelled, ingested, state = unpack(redis.call('HMGET', meta,
  'fence', 'parts', 'cancelled', 'ingested', 'state'))
if batchFence ~= fence or parts ~= part or cancelled or ingested then return 0 end
local rows = tonumber(rowCount)
if rows > 0 then
  local total = redis.call('HINCRBY', meta, 'total', rows)
  redis.call('HINCRBY', meta, 'parts', 1)
  redis.call('HINCRBY', meta, 'n' .. PENDING, rows)
  -- Allocates the states; 0 is PENDING.
  redis.call('BITFIELD', states, 'SET', 'u4', '#' .. (total - 1), 0)
  for kind, count in pairs(cjson.decode(kinds)) do redis.call('HINCRBY', meta, 'kind:' .. kind, count) end
  for a = LIST, #ARGV, 2 do
    local i, line = unpack(ARGV, a, a + 1)
    move(i, PENDING, FAILED)
    record(i, 'invalid_row', FAILED, line)
  end
end
if isEnd == '1' then
  redis.call('HSET', meta, 'ingested', 1)
  if fault ~= '' then redis.call('HSET', meta, 'sourceFault', fault) end
  if note ~= '' then redis.call('HSET', meta, 'sourceNote', note) end
  if findings ~= '' then redis.call('HSET', meta, 'findings', findings) end
  if fault ~= '' or note ~= '' then revise() end
  if redis.call('HGET', meta, 'n0') == '0' then redis.call('HDEL', meta, 'confirm', 'pilot') end
  if state == 'ingesting' then redis.call('HSET', meta, 'state', runningState()) end
  announce('batch.source_read', { portraits = tonumber(redis.call('HGET', meta, 'total')),
    invalid = tonumber(redis.call('HGET', failures, 'invalid_row') or '0'), fault = fault ~= '' and fault or nil })
  if redis.call('HGET', meta, 'state') == 'awaiting_confirmation' then announce('batch.awaiting_confirmation') end
end
return 1
