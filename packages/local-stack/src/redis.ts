import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DarkroomError, messageOf } from "@darkroom/core";
import { dockerAnswers } from "./docker.ts";
import { findRedisBinary, type RedisBinary } from "./redis-binary.ts";
import { startRedisContainer } from "./redis-container.ts";
import { keepRedis, type RedisFate } from "./redis-keeper.ts";
import { startRedisServer } from "./redis-server.ts";
import { shareRedis, type OwnRedis } from "./shared-redis.ts";
import { type LocalRedis } from "./local-redis.ts";

export interface RedisOptions {
  /** An existing Redis, which is used and left unchanged. */
  readonly redisUrl?: string;
  /** Folder of the data. */
  readonly dataDir: string;
  /** Folder of downloaded programs. Defaults to `cache` in `dataDir`. */
  readonly cacheDir?: string;
  /** Called with attempts that failed. */
  readonly log: (line: string) => void;
  /**
   * Keeps the data in `dataDir` and shares one Redis between all processes that use the same folder. The last of them
   * stops it. Defaults to false: a private Redis whose data is deleted with it.
   */
  readonly persistent?: boolean;
  /** Called when a Redis that was started by this process ends while in use. */
  readonly told?: (fate: RedisFate) => void;
}

/**
 * Finds or starts a Redis: the given URL, a server on PATH, Debian's package unpacked into the cache, or a container.
 *
 * @throws DarkroomError `tool_missing` when none is available, `redis_unavailable` when Redis does not start
 */
export async function findOrStartRedis(options: RedisOptions): Promise<LocalRedis> {
  if (options.redisUrl !== undefined) {
    return {
      url: options.redisUrl,
      how: "the given one",
      isAlone: () => false,
      close: () => Promise.resolve(),
    };
  }
  const told = options.told ?? (() => undefined);
  if (options.persistent === true)
    return await shareRedis(options.dataDir, (dir, port) => bringTo(dir, options, port), told);
  const binary = await binaryOf(options);
  if (binary === undefined) return { ...(await container(options)), isAlone: () => true };
  return await startPrivateRedis(binary, told);
}

/**
 * Starts a Redis for this process only. Redis and its data are removed with the process, even if the process is killed.
 */
async function startPrivateRedis(binary: RedisBinary, told: (fate: RedisFate) => void): Promise<LocalRedis> {
  const dir = await mkdtemp(join(tmpdir(), "darkroom-redis-"));
  let server = await startRedisServer({ binary, dir, diesWithUs: true }).catch(async (error: unknown) => {
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  const { url, port } = server;
  const keeper = keepRedis({
    isGone: () => server.hasEnded(),
    dataFault: () => (existsSync(dir) ? undefined : `${dir} was deleted`),
    startAgain: async () => {
      server = await startRedisServer({ binary, dir, port, diesWithUs: true });
    },
    told,
  });
  const close = async (): Promise<void> => {
    await keeper.stop();
    await server.close();
    await rm(dir, { recursive: true, force: true });
  };
  return { url, how: binary.how, isAlone: () => true, close };
}

/** Starts a Redis whose data is in `dir`. */
async function bringTo(dir: string, options: RedisOptions, port: number | undefined): Promise<OwnRedis> {
  const binary = await binaryOf(options);
  if (binary === undefined) {
    const { id, ...served } = await container(options, dir);
    return { url: served.url, port: served.port, how: served.how, container: id };
  }
  const server = await startRedisServer({ binary, dir, ...(port === undefined ? {} : { port }) });
  return { url: server.url, port: server.port, how: binary.how, pid: server.pid };
}

function binaryOf(options: RedisOptions): Promise<RedisBinary | undefined> {
  return findRedisBinary(options.cacheDir ?? join(options.dataDir, "cache"), options.log);
}

async function container(options: RedisOptions, dir?: string): ReturnType<typeof startRedisContainer> {
  if (await dockerAnswers()) {
    try {
      return await startRedisContainer(dir);
    } catch (error) {
      options.log(`Redis in Docker: ${messageOf(error)}`);
    }
  }
  throw new DarkroomError(
    "tool_missing",
    "There is no Redis on this machine and none could be started. Install one (apt-get install redis-server, " +
      "brew install redis), or start Docker, or set REDIS_URL to a running one.",
  );
}
