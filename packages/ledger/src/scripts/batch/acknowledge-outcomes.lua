-- Deletes outcome lines that report part `sequence` holds. after: the stream id that follows the last of them. Returns 1, or 0
-- where another part was acknowledged with that sequence.
local meta, outcomes = unpack(KEYS)
local sequence, after = unpack(ARGV)

if redis.call('HGET', meta, 'reportSequence') ~= sequence then return 0 end
redis.call('XTRIM', outcomes, 'MINID', after)
redis.call('HINCRBY', meta, 'reportSequence', 1)
return 1
