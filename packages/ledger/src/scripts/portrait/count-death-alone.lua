-- Counts the death of a process that ran only this portrait. The worker that started the process is alive and holds the
-- claim. Returns {deaths alone, receipt or ''}, or {} if the claim is lost.
-- include detour: countDeath
local meta, claims, receipts, deaths = unpack(KEYS)
local i, token = unpack(ARGV)

if redis.call('HGET', claims, i) ~= token then return {} end
return { countDeath(i .. ':alone'), redis.call('HGET', receipts, i) or '' }
