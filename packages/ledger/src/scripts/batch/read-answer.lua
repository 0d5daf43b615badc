-- Reads the answer to an order. says: digest of the order's content. Returns the same as answerOrder, or {} for a new order.
local orders = KEYS[1]
local id, says = unpack(ARGV)

local known = redis.call('HGET', orders, id)
if not known then return {} end
local before = cjson.decode(known)
if before.says ~= says then return { 'other' } end
return { 'answer', unpack(before.answer) }
