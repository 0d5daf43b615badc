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

export interface RedisOptions {
  /** A Redis that is there: it is used as it is, and left as it is. */
  readonly redisUrl?: string;
  /** Where data is kept. */
  readonly dataDir: string;
  /** Where downloaded programs are kept. Defaults to `cache` in `dataDir`. */
  readonly cacheDir?: string;
  /** Told what was tried and did not do. */
  readonly log: (line: string) => void;
  /**
   * Keeps the data in `dataDir` and shares one Redis between all processes that name the same folder; the last of them
   * ends it. Defaults to false: a private one, whose data is gone with it.
   */
  readonly persistent?: boolean;
  /** Told what becomes of a Redis that was brought, and ends while it is used. */
  readonly told?: (fate: RedisFate) => void;
}

export interface LocalRedis {
  readonly url: string;
  /** What it is and where it came from, for a person. */
  readonly how: string;
  /** True when no other process that lives uses it; false where that cannot be known. */
  isAlone(): boolean;
  /** Ends what was started, and only that. May be called again. */
  close(): Promise<void>;
}

/**
 * Finds a Redis or brings one: the given URL, a server on PATH, Debian's package unpacked into the cache, a container.
 *
 * @throws DarkroomError `tool_missing` when there is nothing of it, `redis_unavailable` when it does not start
 */
export async function findOrStartRedis(options: RedisOptions): Promise<LocalRedis> {
  if (options.redisUrl !== undefined) {
    return {
      url: options.redisUrl,
      how: "the one that was named",
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

/** A Redis of this process alone; its data and itself are gone with the process, however that ends. */
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

/** A Redis whose data is `dir`. */
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
    "There is no Redis on this machine and none could be brought. Install one (apt-get install redis-server, " +
      "brew install redis), or start Docker, or set REDIS_URL to one that runs.",
  );
}
