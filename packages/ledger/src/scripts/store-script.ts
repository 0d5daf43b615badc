import { PHOTO_MARK_DIGITS } from "@darkroom/core";
import { defineScript } from "@darkroom/redis-kit";

/** Pictures that a batch remembers at once; what is stored later takes the place of something older. */
export const REMEMBERED_PICTURES = 4_096;
/** One that is given to two portraits is given to them within this. */
const REMEMBERED_MS = 24 * 3_600_000;

/**
 * Before something of a portrait is stored. KEYS claims, pictures · ARGV index, token, what tells its photo from others,
 * then the place and digest of each of its pictures, in turn · returns {0} when the claim is lost, {1} when it is held,
 * {1, index} when another photo's portrait, that one, was given the same picture. A picture is remembered with the photo
 * that it is of: the same photo may have it in several portraits. What tells it from others is a photo mark of the core.
 */
export const confirmStore = defineScript(`
local function isSamePhoto(a, b)
  local digits = ${PHOTO_MARK_DIGITS}
  if string.sub(a, 1, digits) == string.sub(b, 1, digits) then return true end
  local pixels = string.sub(a, digits + 1)
  return pixels ~= '' and pixels == string.sub(b, digits + 1)
end
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return {0} end
local photo, other = ARGV[3], nil
for a = 4, #ARGV, 2 do
  local kept = redis.call('HGET', KEYS[2], ARGV[a])
  local digest, its, index = string.match(kept or '', '^(%x+) (%x+) (%d+)$')
  if digest == ARGV[a + 1] and not isSamePhoto(its, photo) then
    other = tonumber(index)
  else
    redis.call('HSET', KEYS[2], ARGV[a], ARGV[a + 1] .. ' ' .. photo .. ' ' .. ARGV[1])
  end
end
if #ARGV > 3 then redis.call('PEXPIRE', KEYS[2], ${REMEMBERED_MS}) end
return {1, other}`);
