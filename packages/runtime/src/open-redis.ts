import { messageOf } from "@darkroom/core";
import type { LaneConnection } from "@darkroom/lanes";
import {
  awaitRedis,
  checkRedis,
  closeRedis,
  connectRedis,
  followServerClock,
  saySeldom,
  type ConnectOptions,
  type RedisAccess,
  type RedisConnection,
} from "@darkroom/redis-kit";
import type { Logger } from "./logger.ts";

/** How long a starting app waits for Redis. */
const START_MS = 15_000;

/** The Redis settings of an app. */
export interface RedisSettings {
  readonly url: string;
  readonly access: RedisAccess;
  readonly namespace: string;
  /** True to accept, with a warning, a Redis that could lose the record of a payment. */
  readonly allowUnsafe: boolean;
}

export interface OpenRedisOptions extends Pick<ConnectOptions, "whenRefused"> {
  readonly settings: RedisSettings;
  /** The app's name. */
  readonly name: string;
  readonly log: Logger;
}

/** An app's Redis connections. */
export interface OpenRedis {
  readonly redis: RedisConnection;
  /** Only for pub/sub, because a subscribed connection accepts no other commands. */
  readonly subscriber: RedisConnection;
  /** Options with which each queue opens its own connection. */
  readonly connection: LaneConnection;
  readonly close: () => Promise<void>;
}

/**
 * Connects an app to Redis: waits for Redis, compares the clocks, and rejects a Redis that could lose the record of a
 * payment. Closes everything it opened when it throws.
 *
 * @throws DarkroomError `redis_unavailable` or `redis_unsuitable`
 */
export async function openRedis({ settings, name, log, whenRefused = "wait" }: OpenRedisOptions): Promise<OpenRedis> {
  const { url, access, namespace, allowUnsafe } = settings;
  const onError = saySeldom((error) => log.warn({ err: error }, `redis or queue: ${messageOf(error)}`));
  const common = { access, onError, whenRefused } as const;
  const redis = connectRedis({ ...common, url, name: `darkroom-${name}` });
  const subscriber = connectRedis({ ...common, url, name: `darkroom-${name}-bus`, autoPipelining: false });
  const close = async (): Promise<void> => {
    await Promise.all([closeRedis(redis), closeRedis(subscriber)]);
  };
  try {
    await awaitRedis(redis, START_MS);
    await followServerClock(redis, (sentence) => log.warn(sentence));
    for (const warning of await checkRedis(redis, allowUnsafe)) log.warn(`Redis: ${warning}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { redis, subscriber, connection: { ...common, redisUrl: url, namespace }, close };
}
