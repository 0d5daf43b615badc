import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DarkroomError } from "@darkroom/core";
import type { RedisBinary } from "./redis-binary.ts";
import { redisCall } from "./redis-call.ts";
import { REDIS_SETTINGS, startRedisServer, type RedisServer } from "./redis-server.ts";
import { waitUntil } from "./wait-until.ts";

/** A Redis with replicas and Sentinels on this machine. */
export interface RedisSentinels {
  /** `redis+sentinel://…` with every Sentinel. */
  readonly url: string;
  /** The first server is the initial master. */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  close(): Promise<void>;
}

export interface RedisSentinelsOptions {
  readonly binary: RedisBinary;
  /** Folder with a subfolder per process. Created if missing. */
  readonly dir: string;
  /** Defaults to 2. */
  readonly replicas?: number;
  /** Silence after which a Sentinel considers the master down. Defaults to 1 s. */
  readonly downAfterMs?: number;
  readonly settings?: readonly string[];
}

const MASTER_NAME = "darkroom";
const SENTINELS = 3;
const FORM_WITHIN_MS = 30_000;
/** A failover that is incomplete after twice this time is retried. */
const FAILOVER_TIMEOUT_MS = 5_000;

/**
 * Starts a master, its replicas and three Sentinels, which die with this process. Resolves once each Sentinel knows all
 * servers.
 *
 * @throws DarkroomError `redis_unavailable` when a process does not start or they do not find each other
 */
export async function startRedisSentinels(options: RedisSentinelsOptions): Promise<RedisSentinels> {
  const { binary, dir, replicas = 2, downAfterMs = 1_000, settings = [] } = options;
  const all: RedisServer[] = [];
  const close = async (): Promise<void> => void (await Promise.all(all.map((each) => each.close())));
  const start = async (name: string, words: readonly string[], config?: string): Promise<RedisServer> => {
    const home = join(dir, name);
    await mkdir(home, { recursive: true });
    const configFile = join(home, "sentinel.conf");
    if (config !== undefined) await writeFile(configFile, config);
    const server = await startRedisServer({
      binary,
      dir: home,
      diesWithUs: true,
      settings: words,
      ...(config === undefined ? {} : { configFile }),
    });
    all.push(server);
    return server;
  };
  try {
    const master = await start("server-0", [...REDIS_SETTINGS, ...settings]);
    const follow = ["--replicaof", "127.0.0.1", String(master.port)];
    const followers = await together(
      Array.from({ length: replicas }, (_, index) =>
        start(`server-${index + 1}`, [...REDIS_SETTINGS, ...follow, ...settings]),
      ),
    );
    await every(followers, "INFO replication", /master_link_status:up/);
    const config = [
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} 2`,
      `sentinel down-after-milliseconds ${MASTER_NAME} ${downAfterMs}`,
      `sentinel failover-timeout ${MASTER_NAME} ${FAILOVER_TIMEOUT_MS}`,
      "",
    ].join("\n");
    const sentinels = await together(
      Array.from({ length: SENTINELS }, (_, index) => start(`sentinel-${index}`, ["--sentinel"], config)),
    );
    await every(sentinels, "INFO sentinel", new RegExp(`status=ok,.*slaves=${replicas},sentinels=${SENTINELS}\\b`));
    const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
    return { url: `redis+sentinel://${hosts}/${MASTER_NAME}`, servers: [master, ...followers], sentinels, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves with all results or rejects with the first failure, once all have settled. */
async function together<T>(each: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(each);
  return await Promise.all(each);
}

async function every(servers: readonly RedisServer[], command: string, says: RegExp): Promise<void> {
  const ready = await waitUntil(async () => {
    const answers = await Promise.all(servers.map(({ port }) => redisCall(port, command, says, 1_000)));
    return answers.every((answer) => answer !== undefined);
  }, FORM_WITHIN_MS);
  if (!ready)
    throw new DarkroomError("redis_unavailable", `Redis and its Sentinels did not find each other (${command}).`);
}
