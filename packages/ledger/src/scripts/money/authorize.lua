-- Writes the receipt with the intent of a call, if the account may be used for the batch and the budget covers the
-- portrait's maximum cost after the call. The only script that authorizes money.
--   keeps     micro-USD held for the portrait without this intent
--   incurred  possible cost of the portrait's calls so far
--   lane      of the call; account: its account; both '' if the batch needs no account
--   ordered   the account that the batch was accepted with
--   former    marks that the account replaces; refused: marks of keys that were never accepted; each between commas
--
-- Meta's account:<lane> is the account of the batch's last intent in a lane. An account whose key was refused before it ever
-- worked is replaced by another. Such an account is kept if a call of the batch may have been billed to it, because the
-- caller's list of refused keys may be out of date.
--
-- Returns {1}, {0} if the claim is lost, {3, account} if that other account was used for the batch, or {2, voids, stopped}
-- if the budget does not cover the call; then only the full budget is recorded. voids: 1 if more is authorized than the
-- budget allows, so that the caller must void the amount held beyond the portrait's calls. stopped: 1 if the batch was
-- stopped.
-- bundled
-- include budget: hasBudget, lacking, noteRefusal
-- include receipt: mayBeBilledIn, moneyIn, putReceipt
local meta, states, claims, receipts, funded, recalls = unpack(KEYS)
local i, token, receipt, summary, keeps, incurred, lane, account, ordered, former, refused = unpack(ARGV)

if redis.call('HGET', claims, i) ~= token then return {0} end
local bound = account ~= '' and redis.call('HGET', meta, 'account:' .. lane)
if account ~= '' and bound ~= account then
  local by = bound or ordered
  local function isIn(list) return string.find(list, ',' .. by .. ',', 1, true) ~= nil end
  if by ~= account and not isIn(former) then
    if not isIn(refused) or redis.call('HEXISTS', meta, 'recovered') == 1 or mayBeBilledIn(lane) then return {3, by} end
  end
end
if hasBudget() then
  local _, _, needs = moneyIn(summary)
  local lacks, isOver = lacking(i, needs)
  if lacks > 0 then
    noteRefusal(i, needs, isOver and incurred or keeps)
    return { 2, isOver and 1 or 0, redis.call('HEXISTS', meta, 'cancelled') }
  end
end
if account ~= '' and bound ~= account then redis.call('HSET', meta, 'account:' .. lane, account) end
putReceipt(i, receipt, summary)
return {1}
