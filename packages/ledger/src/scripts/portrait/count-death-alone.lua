-- Counts that a process died which ran the portrait alone. The worker that started it lives and has the claim. Returns {deaths
-- alone, receipt or ''}, or {} when the claim is lost.
-- include detour: countDeath
local meta, claims, receipts, deaths = unpack(KEYS)
local i, token = unpack(ARGV)

if redis.call('HGET', claims, i) ~= token then return {} end
return { countDeath(i .. ':alone'), redis.call('HGET', receipts, i) or '' }
