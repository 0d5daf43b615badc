import type { RedisConnection } from "./connect.ts";
import { DarkroomError } from "@darkroom/core";

/** BullMQ 6 and the ledger's scripts ask for this. */
const OLDEST_MAJOR = 6;
const OLDEST_MINOR = 2;

/**
 * Refuses a Redis that could lose what was paid for: one that evicts keys, keeps no append-only file or is too old.
 * Where the server does not let its settings be read (some hosted ones), those are taken on trust and named in the answer.
 *
 * @returns sentences worth a warning
 * @throws DarkroomError `redis_unsuitable`, with every wrong setting
 */
export async function checkRedis(redis: RedisConnection, allowUnsafe = false): Promise<readonly string[]> {
  const wrong: string[] = [];
  const unread: string[] = [];
  const version = /redis_version:(\d+)\.(\d+)/.exec(await redis.info("server"));
  const major = Number(version?.[1] ?? 0);
  const minor = Number(version?.[2] ?? 0);
  if (major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR)) {
    wrong.push(`version ${major}.${minor} is too old: ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer is needed`);
  }
  for (const [setting, wished, why] of [
    ["maxmemory-policy", "noeviction", "keys could vanish under memory pressure"],
    ["appendonly", "yes", "a restart could forget what was paid for"],
  ] as const) {
    const value = await readSetting(redis, setting);
    if (value === undefined) unread.push(`${setting} could not be read; make sure that it is ${wished}`);
    else if (value !== wished) wrong.push(`${setting} is "${value}" and must be "${wished}": ${why}`);
  }
  if (wrong.length === 0) return unread;
  if (allowUnsafe) return [...wrong, ...unread];
  throw new DarkroomError(
    "redis_unsuitable",
    `This Redis is not safe for Darkroom: ${wrong.join("; ")}. Mend it with CONFIG SET or in redis.conf, ` +
      "or set DARKROOM_ALLOW_UNSAFE_REDIS=true to go on all the same.",
  );
}

async function readSetting(redis: RedisConnection, setting: string): Promise<string | undefined> {
  try {
    const reply = (await redis.config("GET", setting)) as string[];
    return reply[1];
  } catch {
    return undefined;
  }
}
