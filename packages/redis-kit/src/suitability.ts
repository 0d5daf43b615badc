import type { Redis } from "ioredis";
import { DarkroomError } from "@darkroom/core";
import { mastersOf, type RedisConnection } from "./connect.ts";

/** Minimum version required by BullMQ 6 and the ledger's scripts. */
const OLDEST_MAJOR = 6;
const OLDEST_MINOR = 2;

/**
 * Rejects a Redis that could lose the record of a payment, because it evicts keys, has no append-only file or is too
 * old. Settings that a hosted Redis hides are assumed to be right and returned as warnings. Checks every master of a
 * cluster.
 *
 * @returns warnings
 * @throws DarkroomError `redis_unsuitable`, with every wrong setting
 */
export async function checkRedis(redis: RedisConnection, allowUnsafe = false): Promise<readonly string[]> {
  const masters = await Promise.all(mastersOf(redis).map(lookAt));
  const wrong = sentences(masters, (look) => look.wrong);
  const unread = sentences(masters, (look) => look.unread);
  if (wrong.length === 0) return unread;
  if (allowUnsafe) return [...wrong, ...unread];
  throw new DarkroomError(
    "redis_unsuitable",
    `This Redis is not safe for Darkroom: ${wrong.join("; ")}. Fix it with CONFIG SET or in redis.conf, ` +
      "or set DARKROOM_ALLOW_UNSAFE_REDIS=true to continue anyway.",
  );
}

interface Look {
  readonly node: string;
  readonly wrong: readonly string[];
  readonly unread: readonly string[];
}

async function lookAt(redis: Redis): Promise<Look> {
  const wrong: string[] = [];
  const unread: string[] = [];
  const version = /redis_version:(\d+)\.(\d+)/.exec(await redis.info("server"));
  const major = Number(version?.[1] ?? 0);
  const minor = Number(version?.[2] ?? 0);
  if (major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR)) {
    wrong.push(`version ${major}.${minor} is too old: ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer is needed`);
  }
  for (const [setting, wished, why] of [
    ["maxmemory-policy", "noeviction", "Redis could evict keys under memory pressure"],
    ["appendonly", "yes", "Redis could forget after a restart what was paid for"],
  ] as const) {
    const value = await readSetting(redis, setting);
    if (value === undefined) unread.push(`${setting} could not be read; make sure that it is ${wished}`);
    else if (value !== wished) wrong.push(`${setting} is "${value}" and must be "${wished}": ${why}`);
  }
  return { node: `${redis.options.host}:${redis.options.port}`, wrong, unread };
}

/** Returns each message once. A message that does not apply to all nodes names its node. */
function sentences(looks: readonly Look[], of: (look: Look) => readonly string[]): readonly string[] {
  const all = new Set(looks.flatMap(of));
  return [...all].map((sentence) => {
    const nodes = looks.filter((look) => of(look).includes(sentence)).map(({ node }) => node);
    return nodes.length === looks.length ? sentence : `at ${nodes.join(", ")}: ${sentence}`;
  });
}

async function readSetting(redis: Redis, setting: string): Promise<string | undefined> {
  try {
    const reply = (await redis.config("GET", setting)) as string[];
    return reply[1];
  } catch {
    return undefined;
  }
}
