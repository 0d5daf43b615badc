import { DarkroomError } from "@darkroom/core";
import {
  findRedisBinary,
  startRedisCluster,
  startRedisSentinels,
  type RedisBinary,
  type RedisClusterOptions,
  type RedisSentinelsOptions,
} from "@darkroom/local-stack";
import { CACHE_DIR } from "./cache-dir.ts";
import { tempFolder } from "./temp-folder.ts";

/** @throws DarkroomError `tool_missing` without a server program, because a container cannot be killed or frozen */
export async function redisBinary(): Promise<RedisBinary> {
  let why = "";
  const binary = await findRedisBinary(CACHE_DIR, (line) => (why = ` (${line})`));
  if (binary !== undefined) return binary;
  throw new DarkroomError("tool_missing", `This test kills its own Redis: install redis-server.${why}`);
}

/** Starts a private cluster for a test. Works with `await using`. */
export const startCluster = (options: Omit<RedisClusterOptions, "binary" | "dir"> = {}) =>
  inFolder((binary, dir) => startRedisCluster({ ...options, binary, dir }));

/** Starts a master, two replicas and three Sentinels for a test. Works with `await using`. */
export const startSentinels = (options: Omit<RedisSentinelsOptions, "binary" | "dir"> = {}) =>
  inFolder((binary, dir) => startRedisSentinels({ ...options, binary, dir }));

async function inFolder<T extends { close(): Promise<void> }>(
  start: (binary: RedisBinary, dir: string) => Promise<T>,
): Promise<T & AsyncDisposable> {
  const binary = await redisBinary();
  const folder = await tempFolder();
  const started = await start(binary, folder.path).catch(async (error: unknown) => {
    await folder.remove();
    throw error;
  });
  const close = async (): Promise<void> => {
    await started.close();
    await folder.remove();
  };
  return { ...started, close, [Symbol.asyncDispose]: close };
}
