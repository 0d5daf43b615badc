import { join } from "node:path";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { findRedisBinary, startRedisServer } from "@darkroom/local-stack";
import { closeRedis, connectRedis, type RedisConnection } from "@darkroom/redis-kit";

/** Folder of downloaded programs, shared with the tests. */
const CACHE_DIR = fileURLToPath(new URL("../../.cache/local-stack/", import.meta.url));

/** A private Redis, so that its memory and CPU usage come only from the benchmark. */
export interface BenchRedis {
  readonly url: string;
  readonly pid: number;
  readonly client: RedisConnection;
  version(): Promise<string>;
  /** Returns the user and system time since the start. */
  cpuUs(): Promise<number>;
  usedBytes(): Promise<number>;
  close(): Promise<void>;
}

/**
 * @throws Error without a server program, because one in a container can be neither frozen nor measured in the same way
 */
export async function startBenchRedis(): Promise<BenchRedis> {
  let why = "";
  const binary = await findRedisBinary(CACHE_DIR, (line) => (why = ` (${line})`));
  if (binary === undefined) throw new Error(`The benchmarks start their own Redis: install redis-server.${why}`);
  const dir = await mkdtemp(join(tmpdir(), "darkroom-bench-redis-"));
  const server = await startRedisServer({ binary, dir, diesWithUs: true });
  const client = connectRedis({ url: server.url, name: "bench", onError: () => undefined });
  const info = async (section: string): Promise<Map<string, string>> => {
    const text = await client.info(section);
    return new Map(
      text
        .split("\r\n")
        .map((line) => line.split(":", 2))
        .flatMap(([key, value]) => (key === undefined || value === undefined ? [] : [[key, value] as const])),
    );
  };
  return {
    url: server.url,
    pid: server.pid,
    client,
    version: async () => (await info("server")).get("redis_version") ?? "unknown",
    cpuUs: async () => {
      const cpu = await info("cpu");
      return (Number(cpu.get("used_cpu_user")) + Number(cpu.get("used_cpu_sys"))) * 1e6;
    },
    usedBytes: async () => Number((await info("memory")).get("used_memory")),
    close: async () => {
      await closeRedis(client);
      await server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
