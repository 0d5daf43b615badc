-- Checks before a store that the portrait's claim is still valid, and records the pictures it received. photo: its photo
-- mark (core); list: the place and digest of each picture. Returns {0} if the claim is lost, {1} if the claim is valid, {1,
-- index} if portrait `index`, of another photo, received the same picture. Pictures are kept by photo, because portraits of
-- the same photo may receive the same picture.
local claims, pictures = unpack(KEYS)
local i, token, photo = unpack(ARGV, 1, 3)
local LIST = 4

local function isSamePhoto(a, b)
  if string.sub(a, 1, PHOTO_MARK_DIGITS) == string.sub(b, 1, PHOTO_MARK_DIGITS) then return true end
  local pixels = string.sub(a, PHOTO_MARK_DIGITS + 1)
  return pixels ~= '' and pixels == string.sub(b, PHOTO_MARK_DIGITS + 1)
end

if redis.call('HGET', claims, i) ~= token then return {0} end
local other
for a = LIST, #ARGV, 2 do
  local place, digest = unpack(ARGV, a, a + 1)
  local keptDigest, keptPhoto, index = string.match(redis.call('HGET', pictures, place) or '', '^(%x+) (%x+) (%d+)$')
  if keptDigest == digest and not isSamePhoto(keptPhoto, photo) then
    other = tonumber(index)
  else
    redis.call('HSET', pictures, place, digest .. ' ' .. photo .. ' ' .. i)
  end
end
if #ARGV >= LIST then redis.call('PEXPIRE', pictures, PICTURES_KEPT_MS) end
return {1, other}
