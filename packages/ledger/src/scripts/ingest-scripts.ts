import { ledgerScript } from "./ledger-script.ts";

/**
 * Begins an ingest, or takes one over. now: ms · returns its fence, or 0 when there is no such batch. A fence is
 * higher than every one before it; time is in it, so that it is so even when Redis has forgotten some.
 */
export const beginIngest = ledgerScript(
  ["now"],
  `
if redis.call('HEXISTS', meta, 'spec') == 0 then return 0 end
local fence = math.max(tonumber(redis.call('HGET', meta, 'fence') or 0) + 1, tonumber(now))
redis.call('HSET', meta, 'fence', string.format('%.0f', fence))
return fence`,
);

/**
 * Counts one snapshot part, and ends the ingest with the last one: a part that is short and the end of the source are
 * one step. rowCount: 0 only at the end; isEnd: 0|1; fault: what went wrong with the source, or ''; kinds: rows by what
 * they ask for (JSON, see core's PriceKinds); note: what people should know of the source, or ''; findings: beside its rows (JSON), or ''; then index and outcome
 * line of each rejected row · returns 1, or 0 when another ingest has begun since, the part is out of turn, or the batch
 * takes no more.
 */
export const countPart = ledgerScript(
  ["fence", "part", "rowCount", "isEnd", "fault", "kinds", "note", "findings"],
  `
local m = redis.call('HMGET', meta, 'fence', 'parts', 'cancelled', 'ingested', 'state')
if m[1] ~= fence or m[2] ~= part or m[3] or m[4] then return 0 end
local rows = tonumber(rowCount)
if rows > 0 then
  local total = redis.call('HINCRBY', meta, 'total', rows)
  redis.call('HINCRBY', meta, 'parts', 1)
  redis.call('HINCRBY', meta, 'n' .. PENDING, rows)
  redis.call('BITFIELD', states, 'SET', 'u4', '#' .. (total - 1), 0)
  for kind, count in pairs(cjson.decode(kinds)) do redis.call('HINCRBY', meta, 'kind:' .. kind, count) end
  for a = LIST, #ARGV, 2 do
    move(ARGV[a], PENDING, FAILED)
    record(ARGV[a], 'invalid_row', FAILED, ARGV[a + 1])
  end
end
if isEnd == '1' then
  redis.call('HSET', meta, 'ingested', 1)
  if fault ~= '' then redis.call('HSET', meta, 'sourceFault', fault) end
  if note ~= '' then redis.call('HSET', meta, 'sourceNote', note) end
  if findings ~= '' then redis.call('HSET', meta, 'findings', findings) end
  if fault ~= '' or note ~= '' then revise() end
  if redis.call('HGET', meta, 'n0') == '0' then redis.call('HDEL', meta, 'confirm', 'pilot') end
  if m[5] == 'ingesting' then redis.call('HSET', meta, 'state', runningState()) end
end
return 1`,
);
