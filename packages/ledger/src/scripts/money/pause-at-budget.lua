-- Pauses a batch with a full budget, once no portrait in flight can release money, no pending portrait can continue with its
-- authorized amount, and none must be recalled. Returns 1 if the batch is paused.
-- include batch: revise
-- include budget: committed, lacking
-- include feed: announce
local meta, receipts, funded, recalls, feed = unpack(KEYS)

local budgetNeeds, by, state, reopening, n0, n1, n2, n3, maybeMicro, authorized, toRecall = unpack(redis.call('HMGET', meta,
  'budgetNeeds', 'budgetNeedsBy', 'state', 'reopening', 'n0', 'n1', 'n2', 'n3', 'maybeMicroUsd', 'authorizedMicroUsd', 'toRecall'))
if not budgetNeeds or toRecall or (state ~= 'running' and state ~= 'ingesting') or reopening or n0 == '0' then return 0 end
if n1 + n2 + n3 > 0 or redis.call('SCARD', funded) > 0 then return 0 end
local sum, most = committed()
-- At least two decimals.
local function usd(micro) return (string.gsub(string.format('%.6f', micro / 1000000), '(%.%d%d%d-)0+$', '%1')) end
local maybe, held = tonumber(maybeMicro), tonumber(authorized or '0')
local reason = 'the budget: ' .. usd(sum - maybe - held) .. ' of ' ..
  usd(most) .. ' USD are spent' .. (maybe > 0 and ', ' .. usd(maybe) .. ' more may have been billed without an answer' or '') ..
  (held > 0 and ', ' .. usd(held) .. ' are held for portraits that have begun' or '') .. ', and to continue takes ' ..
  usd((lacking(by, tonumber(budgetNeeds)))) .. ' USD more; resume with a higher one, or cancel'
redis.call('HSET', meta, 'state', 'paused', 'pausedBy', 'budget', 'reason', reason)
revise()
announce('batch.paused', { by = 'budget', reason = reason })
return 1
