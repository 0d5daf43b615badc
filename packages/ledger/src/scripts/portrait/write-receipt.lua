-- Writes the receipt of a claimed portrait. Receipts with an intent are written by authorize. Returns 1, or 0 if the claim
-- is lost.
-- bundled
-- include receipt: putReceipt
local meta, states, claims, receipts, funded, recalls = unpack(KEYS)
local i, token, receipt, summary = unpack(ARGV)

if redis.call('HGET', claims, i) ~= token then return 0 end
putReceipt(i, receipt, summary)
return 1
