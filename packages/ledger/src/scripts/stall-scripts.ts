import { ledgerScript } from "./ledger-script.ts";

/**
 * A producer's duty for a batch failed. message: what failed; firstMs: before the second try; mostMs: between any two tries ·
 * returns the ms until the next try, which double with each failure; 0 when there is no such batch.
 */
export const noteStall = ledgerScript(
  ["duty", "reason", "message", "firstMs", "mostMs"],
  `
if redis.call('HEXISTS', meta, 'state') == 0 then return 0 end
local field = 'stall:' .. duty
local known = redis.call('HGET', meta, field)
local stall = known and cjson.decode(known) or { sinceMs = redisNow(), tries = 0 }
local delay = math.min(tonumber(mostMs), tonumber(firstMs) * 2 ^ math.min(stall.tries, 30))
stall.tries = stall.tries + 1
stall.reason, stall.message, stall.nextLookMs = reason, message, redisNow() + delay
redis.call('HSET', meta, field, cjson.encode(stall))
return delay`,
);

/** The duty was done. */
export const clearStall = ledgerScript(["duty"], `return redis.call('HDEL', meta, 'stall:' .. duty)`);
