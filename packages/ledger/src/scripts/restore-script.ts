import { defineScript } from "@darkroom/redis-kit";

/**
 * KEYS meta, then where each part was gathered and where it belongs, in turn · ARGV fields of the meta hash and their
 * values · returns 1, or 0 when the batch is there already.
 */
export const restoreBatch = defineScript(`
local known = redis.call('EXISTS', KEYS[1]) == 1
for k = 2, #KEYS, 2 do
  if known then
    redis.call('DEL', KEYS[k])
  else
    redis.call('DEL', KEYS[k + 1])
    if redis.call('EXISTS', KEYS[k]) == 1 then
      redis.call('PERSIST', KEYS[k])
      redis.call('RENAME', KEYS[k], KEYS[k + 1])
    end
  end
end
if known then return 0 end
for a = 1, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[a], ARGV[a + 1]) end
return 1`);
