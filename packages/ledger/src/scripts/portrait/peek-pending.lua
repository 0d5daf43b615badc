-- Reads the next pending portraits after the cursor, at most `limit`. Changes nothing. If there is a pilot, reads only its
-- portraits. While the budget is full, reads only portraits with an authorized amount or that must be recalled. lane: the
-- lane of the dispatch, or ''. Returns epoch, the cursor before, the cursor after, and the indexes; {} if the batch must not
-- be dispatched to this lane.
-- include portrait: stateOf
local meta, states, funded, recalls = unpack(KEYS)
local limit, lane = unpack(ARGV)

local state, epoch, cursorNow, total, pending, confirm, pilot, pilotPicks, reopening, batchLane, budgetNeeds,
  toRecall =
  unpack(redis.call('HMGET', meta, 'state', 'epoch', 'cursor', 'total', 'n0', 'confirm', 'pilot', 'pilotPicks', 'reopening',
    'lane', 'budgetNeeds', 'toRecall'))
if batchLane and lane ~= '' and batchLane ~= lane then return {} end
if (state ~= 'running' and state ~= 'ingesting') or pending == '0' or confirm or reopening then return {} end
local cursor, last, most = tonumber(cursorNow), tonumber(total), tonumber(limit)
local found = { epoch, cursorNow, cursorNow }
if budgetNeeds then
  for _, i in ipairs(redis.call('SRANDMEMBER', funded, most)) do found[#found + 1] = tonumber(i) end
  local bit = toRecall and redis.call('BITPOS', recalls, 1) or -1
  while bit >= 0 and #found - 3 < most do
    local byte = math.floor(bit / 8)
    for i = byte * 8, byte * 8 + 7 do
      local isMeant = #found - 3 < most and redis.call('GETBIT', recalls, i) == 1 and stateOf(i) == PENDING
      if isMeant then found[#found + 1] = i end
    end
    bit = redis.call('BITPOS', recalls, 1, byte + 1)
  end
  return #found > 3 and found or {}
end
if pilot then
  for i in string.gmatch(pilotPicks or '', '%d+') do
    if #found - 3 < most and stateOf(i) == PENDING then found[#found + 1] = tonumber(i) end
  end
  return found
end
-- A byte holds two portraits; PENDING is 0.
local bytesRead = 0
while cursor < last and #found - 3 < most and bytesRead < LOOK_PORTRAITS / 2 do
  local first = math.floor(cursor / 2)
  local chunk = redis.call('GETRANGE', states, first, first + 1023)
  for b = 1, 1024 do
    local byte = string.byte(chunk, b) or 0
    local pair = (first + b - 1) * 2
    if pair >= cursor and pair < last and byte < 16 and #found - 3 < most then found[#found + 1] = pair end
    if #found - 3 >= most then
      if pair >= cursor then cursor = pair + 1 end
      break
    end
    if pair + 1 >= cursor and pair + 1 < last and byte % 16 == 0 then found[#found + 1] = pair + 1 end
    cursor = pair + 2
    if cursor >= last or #found - 3 >= most then break end
  end
  bytesRead = bytesRead + 1024
end
if cursor > last then cursor = last end
found[3] = cursor
return found
