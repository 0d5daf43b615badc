import { ledgerScript } from "./ledger-script.ts";

/**
 * Begins an ingest, or takes one over. ARGV now (ms) · returns its fence, or 0 when there is no such batch. A fence is
 * higher than every one before it; time is in it, so that it is so even when Redis has forgotten some.
 */
export const beginIngest = ledgerScript(`
if redis.call('HEXISTS', meta, 'spec') == 0 then return 0 end
local fence = math.max(tonumber(redis.call('HGET', meta, 'fence') or 0) + 1, tonumber(ARGV[1]))
redis.call('HSET', meta, 'fence', string.format('%.0f', fence))
return fence`);

/**
 * Counts one snapshot part, and ends the ingest with the last one: a part that is short and the end of the source are
 * one step. ARGV fence, part, rows (0 only at the end), end 0|1, what went wrong with the source or '', rows by
 * what they ask for (JSON, see core's PriceKinds), what people should know of the source or '', what was found beside its rows (JSON) or '', then index and outcome
 * line of each rejected row · returns 1, or 0 when another ingest has begun since, the part is out of turn, or the batch
 * takes no more.
 */
export const countPart = ledgerScript(`
local m = redis.call('HMGET', meta, 'fence', 'parts', 'cancelled', 'ingested', 'state')
if m[1] ~= ARGV[1] or m[2] ~= ARGV[2] or m[3] or m[4] then return 0 end
local rows = tonumber(ARGV[3])
if rows > 0 then
  local total = redis.call('HINCRBY', meta, 'total', rows)
  redis.call('HINCRBY', meta, 'parts', 1)
  redis.call('HINCRBY', meta, 'n0', rows)
  redis.call('BITFIELD', states, 'SET', 'u4', '#' .. (total - 1), 0)
  for kind, count in pairs(cjson.decode(ARGV[6])) do redis.call('HINCRBY', meta, 'kind:' .. kind, count) end
  for a = 9, #ARGV, 2 do
    move(ARGV[a], 0, 6)
    record(ARGV[a], 'invalid_row', 6, ARGV[a + 1])
  end
end
if ARGV[4] == '1' then
  redis.call('HSET', meta, 'ingested', 1)
  if ARGV[5] ~= '' then redis.call('HSET', meta, 'sourceFault', ARGV[5]) end
  if ARGV[7] ~= '' then redis.call('HSET', meta, 'sourceNote', ARGV[7]) end
  if ARGV[8] ~= '' then redis.call('HSET', meta, 'findings', ARGV[8]) end
  if ARGV[5] ~= '' or ARGV[7] ~= '' then revise() end
  if redis.call('HGET', meta, 'n0') == '0' then redis.call('HDEL', meta, 'confirm', 'pilot') end
  if m[5] == 'ingesting' then redis.call('HSET', meta, 'state', runningState()) end
end
return 1`);
