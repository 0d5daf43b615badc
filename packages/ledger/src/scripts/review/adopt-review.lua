-- Records a line of the review log that the object store has and Redis has lost. number: the line's; line: the line (JSON);
-- event: data of its event (JSON); list: portraits, with the number of their new review state. Returns 1, or 0 if Redis has
-- that line, or the line does not follow the last one. A portrait that has no result now is left out.
-- include feed: announce
-- include portrait: stateOf
-- include review: keepReviews, writeLine
local meta, states, reviews, reviewLines, feed = unpack(KEYS)
local number, line, event = unpack(ARGV, 1, 3)
local LIST = 4

if redis.call('HEXISTS', meta, 'state') == 0 then return 0 end
if tonumber(number) <= tonumber(redis.call('HGET', meta, 'reviewRevision') or '0') then return 0 end
local changes = {}
for a = LIST, #ARGV, 2 do
  local i, state = unpack(ARGV, a, a + 1)
  local now, portrait = redis.call('BITFIELD', reviews, 'GET', 'u32', '#' .. i)[1], stateOf(i)
  if portrait == SUCCEEDED or portrait == SKIPPED then changes[#changes + 1] = { i, now % REVIEW_SPAN, tonumber(state) } end
end
redis.call('HSET', meta, 'reviewRevision', number, 'reviewStored', number)
writeLine(tonumber(number), changes, line)
announce('batch.reviewed', cjson.decode(event))
keepReviews()
return 1
