-- Records a person's decisions about results: a line of the review log, the state of each portrait, and the event, together.
-- line: the line without its number (JSON); event: data of its event without the number (JSON); list: portraits, with their
-- value when the decision was checked, and the number of their new review state. Returns {'recorded', number}, {'gone'} if the
-- ledger has no such batch, or {'changed'} and changes nothing if a value is another one now or a portrait has no result.
-- include feed: announce
-- include portrait: stateOf
-- include review: keepReviews, writeLine
local meta, states, reviews, reviewLines, feed = unpack(KEYS)
local line, event = unpack(ARGV, 1, 2)
local LIST = 3

if redis.call('HEXISTS', meta, 'state') == 0 then return { 'gone' } end
local changes = {}
for a = LIST, #ARGV, 3 do
  local i, value, state = unpack(ARGV, a, a + 2)
  local now, portrait = redis.call('BITFIELD', reviews, 'GET', 'u32', '#' .. i)[1], stateOf(i)
  if now ~= tonumber(value) or (portrait ~= SUCCEEDED and portrait ~= SKIPPED) then return { 'changed' } end
  changes[#changes + 1] = { i, now % REVIEW_SPAN, tonumber(state) }
end
local number = redis.call('HINCRBY', meta, 'reviewRevision', 1)
writeLine(number, changes, line)
local data = cjson.decode(event)
data.revision = number
announce('batch.reviewed', data)
keepReviews()
return { 'recorded', number }
