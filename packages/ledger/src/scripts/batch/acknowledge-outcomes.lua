-- Deletes the outcome lines that are in report part `sequence`. after: the stream id after the last of these lines. Returns
-- 1, or 0 if another part was acknowledged with this sequence.
local meta, outcomes = unpack(KEYS)
local sequence, after = unpack(ARGV)

if redis.call('HGET', meta, 'reportSequence') ~= sequence then return 0 end
redis.call('XTRIM', outcomes, 'MINID', after)
redis.call('HINCRBY', meta, 'reportSequence', 1)
return 1
