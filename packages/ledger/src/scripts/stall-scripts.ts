import { ledgerScript } from "./ledger-script.ts";

/**
 * A producer's duty for a batch failed. ARGV duty, reason, what failed, ms before the second try, most ms between tries ·
 * returns the ms until the next try, which double with each failure; 0 when there is no such batch.
 */
export const noteStall = ledgerScript(`
if redis.call('HEXISTS', meta, 'state') == 0 then return 0 end
local field = 'stall:' .. ARGV[1]
local known = redis.call('HGET', meta, field)
local stall = known and cjson.decode(known) or { sinceMs = redisNow(), tries = 0 }
local delay = math.min(tonumber(ARGV[5]), tonumber(ARGV[4]) * 2 ^ math.min(stall.tries, 30))
stall.tries = stall.tries + 1
stall.reason, stall.message, stall.nextLookMs = ARGV[2], ARGV[3], redisNow() + delay
redis.call('HSET', meta, field, cjson.encode(stall))
return delay`);

/** The duty was done. ARGV duty. */
export const clearStall = ledgerScript("return redis.call('HDEL', meta, 'stall:' .. ARGV[1])");
