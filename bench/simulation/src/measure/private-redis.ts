import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findRedisBinary, startRedisServer, type RedisBinary } from "@darkroom/local-stack";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";

/** Folder of downloaded programs, shared with the tests. */
const CACHE_DIR = fileURLToPath(new URL("../../../../.cache/local-stack/", import.meta.url));

/** A private Redis with the append-only file that Darkroom requires. */
export interface MeasuredRedis {
  readonly url: string;
  connect(name: string, autoPipelining?: boolean): ReturnType<typeof connectRedis>;
  /** Returns the CPU of the thread that runs commands, user and system, since the start. */
  cpuUs(): Promise<number>;
  usedBytes(): Promise<number>;
  version(): Promise<string>;
  /** Returns the number of calls of one command so far, including those in scripts. */
  calls(command: string): Promise<number>;
  close(): Promise<void>;
}

/** @throws Error without a server program */
export async function redisBinary(): Promise<RedisBinary> {
  let why = "";
  const binary = await findRedisBinary(CACHE_DIR, (line) => (why = ` (${line})`));
  if (binary === undefined) throw new Error(`The measurement starts its own Redis: install redis-server.${why}`);
  return binary;
}

/** Returns the CPU of the thread that runs commands, user and system, since the server's start; µs. */
export async function cpuUsOf(client: { info(section: "cpu"): Promise<string> }): Promise<number> {
  const text = await client.info("cpu");
  const seconds = (name: string): number => Number(new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(text)?.[1]);
  return (seconds("used_cpu_user_main_thread") + seconds("used_cpu_sys_main_thread")) * 1e6;
}

/** @throws Error without a server program, because one in a container cannot be measured in the same way */
export async function startMeasuredRedis(): Promise<MeasuredRedis> {
  const dir = await mkdtemp(join(tmpdir(), "darkroom-measure-"));
  const server = await startRedisServer({ binary: await redisBinary(), dir, diesWithUs: true });
  const open: ReturnType<typeof connectRedis>[] = [];
  const connect: MeasuredRedis["connect"] = (name, autoPipelining = true) => {
    const client = connectRedis({ url: server.url, name, autoPipelining, onError: () => undefined });
    open.push(client);
    return client;
  };
  const client = connect("measure");
  const field = async (section: string, name: string): Promise<string> => {
    const text = await client.info(section);
    return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(text)?.[1] ?? "";
  };
  return {
    url: server.url,
    connect,
    cpuUs: () => cpuUsOf(client),
    usedBytes: async () => Number(await field("memory", "used_memory")),
    version: () => field("server", "redis_version"),
    calls: async (command) => Number(/calls=(\d+)/.exec(await field("commandstats", `cmdstat_${command}`))?.[1] ?? 0),
    close: async () => {
      await Promise.all(open.map(closeRedis));
      await server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
