import { defineScript } from "@darkroom/redis-kit";

/** KEYS meta · ARGV fields of the meta hash and their values · returns 1, or 0 when the batch is there already. */
export const restoreBatch = defineScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
for a = 1, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[a], ARGV[a + 1]) end
return 1`);
