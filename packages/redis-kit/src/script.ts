import type { RedisConnection } from "./connect.ts";
import { createHash } from "node:crypto";

/** A Lua script that is sent in full once, then by its hash. */
export interface Script {
  run(redis: RedisConnection, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
}

export function defineScript(lua: string): Script {
  const sha = createHash("sha1").update(lua).digest("hex");
  return {
    async run(redis, keys, args) {
      try {
        return await redis.evalsha(sha, keys.length, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
        return await redis.eval(lua, keys.length, ...keys, ...args);
      }
    },
  };
}
