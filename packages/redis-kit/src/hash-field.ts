import type { RedisConnection } from "./connect.ts";
import { defineScript } from "./script.ts";

/**
 * KEYS hash · ARGV field, the expected text, the new text · returns 1, or 0 if the stored text differs from the
 * expected one. The new text is stored already if only the first command's reply was lost.
 */
const swap = defineScript(`
local now = redis.call('HGET', KEYS[1], ARGV[1])
if now == ARGV[3] then return 1 end
if now ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`);

/** A field of a hash. */
export interface HashField {
  readonly key: string;
  readonly field: string;
}

/**
 * Changes a field atomically. Repeats the read and the edit if another process has changed the field in the meantime.
 *
 * @param edit returns the new text; undefined for no change
 * @returns the new text; undefined if there is no such field, or `edit` returns no change
 */
export async function changeHashField(
  redis: RedisConnection,
  { key, field }: HashField,
  edit: (text: string) => string | undefined,
): Promise<string | undefined> {
  for (;;) {
    const text = await redis.hget(key, field);
    const changed = text === null ? undefined : edit(text);
    if (text === null || changed === undefined) return undefined;
    if ((await swap.run(redis, [key], [field, text, changed])) === 1) return changed;
  }
}
