-- Recounts the states and the decisions, and recomputes the sums over the receipts. fix: 1 to correct what is wrong, and to
-- reset the cursor. Returns the states whose count was wrong, 8 if a sum was wrong, and 9 if a count of decisions was wrong.
-- Reads both maps whole (4.5 MB for a million portraits), so this script is meant for a user's command, not for the
-- producer's loop.
-- include budget: hasBudget, reviewBudget
-- include outcome: countFailure
-- include receipt: sumReceipts
local meta, states, receipts, failures, funded, recalls, reviews = unpack(KEYS)
local fix = ARGV[1]

local m = redis.call('HMGET', meta, 'total', 'cancelled', 'n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'stopped', 'stopCode')
if not m[1] then return {} end
local total = tonumber(m[1])
local timesOf, found = {}, { 0, 0, 0, 0, 0, 0, 0, 0 }
local bytes = math.ceil(total / 2)
for first = 0, bytes - 1, 4096 do
  local chunk = redis.call('GETRANGE', states, first, math.min(first + 4096, bytes) - 1)
  for b = 1, #chunk do
    local byte = string.byte(chunk, b)
    timesOf[byte] = (timesOf[byte] or 0) + 1
  end
end
for byte, times in pairs(timesOf) do
  local high, low = math.floor(byte / 16) + 1, byte % 16 + 1
  found[high] = found[high] + times
  found[low] = found[low] + times
end
-- The remaining portraits are pending: the bitfield lacks bytes that were never written, and half of the last byte may be
-- unused.
found[1] = total
for state = 2, 8 do found[1] = found[1] - found[state] end
if m[2] then
  if fix == '1' and tonumber(m[11] or '0') ~= found[1] then
    redis.call('HSET', meta, 'stopped', found[1])
    countFailure(m[12], found[1] - tonumber(m[11] or '0'))
  end
  found[8], found[1] = found[8] + found[1], 0
end
local wrong = {}
for state = 0, 7 do
  if tonumber(m[state + 3]) ~= found[state + 1] then
    wrong[#wrong + 1] = state
    if fix == '1' then redis.call('HSET', meta, 'n' .. state, found[state + 1]) end
  end
end
local sums = sumReceipts()
for _, field in ipairs({ 'unstored', 'unstoredMicroUsd', 'authorizedMicroUsd', 'toRecall' }) do
  if tonumber(redis.call('HGET', meta, field) or '0') ~= sums[field] then
    if wrong[#wrong] ~= 8 then wrong[#wrong + 1] = 8 end
    if fix == '1' then redis.call('HSET', meta, field, string.format('%.0f', sums[field])) end
  end
end
-- The state of a decision is in the lowest bits of the last of its 4 bytes.
local decided = { 0, 0 }
local last = redis.call('STRLEN', reviews) - 1
for first = 0, last, 4096 do
  local chunk = redis.call('GETRANGE', reviews, first, math.min(first + 4095, last))
  for b = 4, #chunk, 4 do
    local state = string.byte(chunk, b) % REVIEW_SPAN
    if state > 0 then decided[state] = (decided[state] or 0) + 1 end
  end
end
for state, field in ipairs({ 'reviewApproved', 'reviewRejected' }) do
  if tonumber(redis.call('HGET', meta, field) or '0') ~= decided[state] then
    if wrong[#wrong] ~= 9 then wrong[#wrong + 1] = 9 end
    if fix == '1' then redis.call('HSET', meta, field, decided[state]) end
  end
end
if fix == '1' then
  redis.call('HSET', meta, 'cursor', 0)
  if sums.toRecall == 0 then redis.call('HDEL', meta, 'toRecall', 'toRecallMicroUsd') end
  if hasBudget() then reviewBudget() end
end
return wrong
