import { Redis, type Cluster, type RedisOptions } from "ioredis";
import { DarkroomError, messageOf } from "@darkroom/core";

/** A connection to Redis, be it one server (a Sentinel's master too) or a cluster. */
export type RedisConnection = Redis | Cluster;

export interface ConnectOptions {
  /** `redis://…` or `rediss://…`; may hold a user and a password. */
  readonly url: string;
  /** Shown in `CLIENT LIST`. */
  readonly name: string;
  /** Told of every lost connection; without it they would be printed with whole Lua scripts. */
  readonly onError: (error: Error) => void;
  /** Sends the commands of one tick together. Defaults to true. */
  readonly autoPipelining?: boolean;
}

/** The longest wait between two tries to reach Redis again. */
const RECONNECT_CAP_MS = 2_000;

/** The options behind {@link connectRedis}, for a library that opens its own connections. */
export function redisOptions(options: ConnectOptions): RedisOptions {
  return {
    connectionName: options.name,
    // A command waits for Redis to come back: giving up on a settle would forget what was paid.
    maxRetriesPerRequest: null,
    enableAutoPipelining: options.autoPipelining ?? true,
    retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 10), RECONNECT_CAP_MS),
    // After a fail-over the old master is read-only: reconnect, and send the refused command again.
    reconnectOnError: (error) => (error.message.startsWith("READONLY") ? 2 : false),
  };
}

/** Opens a connection that reconnects for ever. */
export function connectRedis(options: ConnectOptions): Redis {
  const redis = new Redis(options.url, redisOptions(options));
  redis.on("error", (error: Error) => options.onError(error));
  return redis;
}

/** How long a Redis may take to say goodbye. */
const QUIT_MS = 1_000;

/** Closes a connection, gently where Redis answers; one that is frozen does not hold up a shutdown. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === "end") return;
  if (redis.status !== "ready") return redis.disconnect();
  const timer = setTimeout(() => redis.disconnect(), QUIT_MS);
  try {
    await redis.quit();
  } catch {
    redis.disconnect();
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits until Redis answers a PING.
 *
 * @throws DarkroomError `redis_unavailable`, naming host and port but no password
 */
export async function awaitRedis(redis: Redis, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let last: unknown;
  const remember = (error: Error): void => void (last = error);
  redis.on("error", remember);
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(redis, last)), timeoutMs);
  });
  try {
    await Promise.race([
      redis.ping().catch((error: unknown) => {
        throw unavailable(redis, error);
      }),
      late,
    ]);
  } finally {
    clearTimeout(timer);
    redis.off("error", remember);
  }
}

/** Without the cause: an error of ioredis holds its whole command, and that of AUTH is the password. */
function unavailable(redis: Redis, why: unknown): DarkroomError {
  const { host, port } = redis.options;
  return new DarkroomError(
    "redis_unavailable",
    `Redis at ${host}:${port} cannot be used: ${why === undefined ? "no answer" : messageOf(why)}. ` +
      "Check that it runs and that REDIS_URL is right.",
    { retryable: true },
  );
}
