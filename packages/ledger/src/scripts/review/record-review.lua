-- Records a person's decisions about results: a line of the review log, the state of each portrait, and the event, together.
-- line: the line without its number (JSON); event: data of its event without the number (JSON); list: portraits, with their
-- value when the decision was checked, and the number of their new review state. Returns {'recorded', number}, {'gone'} if the
-- ledger has no such batch, or {'changed'} and changes nothing if a value is another one now or a portrait has no result.
-- include review: checkedChanges, recordLine
local meta, states, reviews, reviewLines, feed = unpack(KEYS)
local line, event = unpack(ARGV, 1, 2)
local LIST = 3

if redis.call('HEXISTS', meta, 'state') == 0 then return { 'gone' } end
local planned = {}
for a = LIST, #ARGV, 3 do
  local i, value, state = unpack(ARGV, a, a + 2)
  planned[#planned + 1] = { i, value, state }
end
local changes = checkedChanges(planned)
if not changes then return { 'changed' } end
return { 'recorded', recordLine(changes, line, cjson.decode(event)) }
