-- Reopens ended portraits. number: the round that is being reopened, or a round that started with it; list: portraits, with
-- the outcome code and round of their outcome line. Returns the number of portraits reopened. Skips a portrait whose outcome
-- has changed since that line, because a later round reopened it. A portrait that has succeeded loses the decision about its
-- result. A portrait whose workers died starts as a suspect, so that
-- it does not kill another worker.
-- include detour: noteDetour
-- include outcome: countFailure
-- include portrait: move, stateOf
-- include review: endDecision
local meta, states, receipts, failures, details, rounds, funded, stuck, waits, deaths, reviews = unpack(KEYS)
local number = ARGV[1]
local LIST = 2

local from = redis.call('HGET', meta, 'reopening')
if not from or tonumber(number) < tonumber(from) then return 0 end
local cursor, moved = tonumber(redis.call('HGET', meta, 'cursor')), 0
for a = LIST, #ARGV, 3 do
  local i, code, round = unpack(ARGV, a, a + 2)
  local state = stateOf(i)
  local openedBy = redis.call('BITFIELD', rounds, 'GET', 'u8', '#' .. i)[1]
  local detail = redis.call('HGET', details, i)
  local isLatest = openedBy <= tonumber(round) and (not detail or cjson.decode(detail).code == code)
  if isLatest and (state == FAILED or state == CANCELLED or state == SUCCEEDED) then
    move(i, state, PENDING)
    redis.call('BITFIELD', rounds, 'SET', 'u8', '#' .. i, number)
    if state == SUCCEEDED then endDecision(i) else countFailure(code, -1) end
    redis.call('HDEL', details, i)
    if code == 'worker_died' then
      noteDetour()
      redis.call('HSET', deaths, i, DEATHS_OF_SUSPECT)
    end
    if tonumber(i) < cursor then cursor = tonumber(i) end
    moved = moved + 1
  end
end
redis.call('HSET', meta, 'cursor', cursor)
redis.call('HINCRBY', meta, 'opened:' .. number, moved)
return moved
