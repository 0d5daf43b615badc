-- Helpers for receipts. Scripts read only the summary stored with each receipt; see stored-receipt.ts.

-- Returns the summary as a table; nil if there is none.
local function readSummary(text)
  if not text then return nil end
  local called, whole, paid, unanswered, first, last, paidMicro, held, lane = struct.unpack(SUMMARY_FORMAT, text)
  return { called = called == '1', whole = whole == '1', paid = paid == '1', unanswered = unanswered == '1',
    first = first, last = tonumber(last), paidMicro = tonumber(paidMicro), held = tonumber(held),
    lane = string.sub(text, lane) }
end

-- Returns 1 if the receipt is paid, the amount paid, and the amount held (micro-USD). Called for the old and the new receipt
-- at every write.
local function moneyIn(text)
  if not text then return 0, 0, 0 end
  local paidMicro, held = struct.unpack('c12c12', text, SUMS_AT)
  return string.sub(text, PAID_AT, PAID_AT) == '1' and 1 or 0, tonumber(paidMicro), tonumber(held)
end

local function summaryOf(i) return readSummary(redis.call('HGET', receipts, i .. ':summary')) end

-- Returns true if a provider was called for the portrait.
local function wasCalled(i)
  local summary = summaryOf(i)
  return summary ~= nil and summary.called
end

-- Records whether an ending portrait was billed to a lane's account, because its receipt is deleted. billed: 'no', 'maybe'
-- or 'yes'; lane: '' for the batch's own.
local function noteBilled(billed, lane)
  if billed == 'maybe' then redis.call('HINCRBY', meta, 'maybeBilled', 1) end
  if billed ~= 'no' then redis.call('HSET', meta, 'billed:' .. lane, 1) end
end

-- Returns true if a portrait of the batch may have been billed to a lane's account: an ended portrait, or an unended
-- portrait with a call there. Reads all receipts.
local function mayBeBilledIn(lane)
  local spec = redis.call('HGET', meta, 'spec')
  local ownLane = spec and cjson.decode(spec).lane
  if redis.call('HEXISTS', meta, 'billed:' .. (lane == ownLane and '' or lane)) == 1 then return true end
  for _, field in ipairs(redis.call('HKEYS', receipts)) do
    if string.sub(field, -8) == ':summary' then
      local summary = readSummary(redis.call('HGET', receipts, field))
      local at = summary.lane ~= '' and summary.lane or ownLane
      if summary.called and at == lane then return true end
    end
  end
  return false
end

-- Updates the sums over all receipts: meta's unstored, unstoredMicroUsd and, with a budget, authorizedMicroUsd. Returns true if
-- money was released.
local function countReceipt(before, after)
  local wasPaid, microBefore, heldBefore = moneyIn(before)
  local isPaid, microAfter, heldAfter = moneyIn(after)
  local count, micro, held = isPaid - wasPaid, microAfter - microBefore, heldAfter - heldBefore
  if count ~= 0 then redis.call('HINCRBY', meta, 'unstored', count) end
  if micro ~= 0 then redis.call('HINCRBY', meta, 'unstoredMicroUsd', string.format('%.0f', micro)) end
  if held ~= 0 and hasBudget() then
    redis.call('HINCRBY', meta, 'authorizedMicroUsd', string.format('%.0f', held))
    return held < 0
  end
  return false
end

-- Recomputes the sums over all receipts, and the number of portraits that must be recalled.
local function sumReceipts()
  local sums = { unstored = 0, unstoredMicroUsd = 0, authorizedMicroUsd = 0, toRecall = redis.call('BITCOUNT', recalls) }
  for _, i in ipairs(redis.call('HKEYS', receipts)) do
    if tonumber(i) then
      local paid, micro, held = moneyIn(redis.call('HGET', receipts, i .. ':summary'))
      sums.unstored = sums.unstored + paid
      sums.unstoredMicroUsd = sums.unstoredMicroUsd + micro
      if hasBudget() then sums.authorizedMicroUsd = sums.authorizedMicroUsd + held end
    end
  end
  return sums
end

-- Writes a receipt and its summary. No other function does.
local function putReceipt(i, receipt, summary)
  local releases = countReceipt(redis.call('HGET', receipts, i .. ':summary'), summary)
  redis.call('HSET', receipts, i, receipt, i .. ':summary', summary)
  local _, _, held = moneyIn(summary)
  if held > 0 and noteRecalled(i) then releases = true end
  if releases then reviewBudget() end
end

-- Deletes a receipt and voids its authorization. The caller then adds the spent amount, and reviews the budget.
local function dropReceipt(i)
  local before = redis.call('HGET', receipts, i .. ':summary')
  if before then countReceipt(before, nil) end
  noteRecalled(i)
  return redis.call('HDEL', receipts, i, i .. ':summary', i .. ':givenUp')
end
