import { DarkroomError } from "@darkroom/core";
import { findRedisBinary, startRedisServer, type RedisServer } from "@darkroom/local-stack";
import { CACHE_DIR } from "./cache-dir.ts";
import { tempFolder } from "./temp-folder.ts";

/** A Redis that belongs to one test, which may freeze it, kill it and start it again. */
export interface PrivateRedis {
  /** Stays the same over restarts. */
  readonly url: string;
  readonly pid: number;
  /** SIGSTOP freezes it, SIGCONT thaws it, SIGKILL is a crash. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it where it still runs, and starts it again with the same port and data. */
  restart(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a Redis of the test's own; works with `await using`.
 *
 * @throws DarkroomError `tool_missing` where there is no server program: one in a container cannot be frozen
 */
export async function startRedis(options: { readonly port?: number } = {}): Promise<PrivateRedis> {
  let why = "";
  const binary = await findRedisBinary(CACHE_DIR, (line) => (why = ` (${line})`));
  if (binary === undefined) {
    throw new DarkroomError("tool_missing", `This test kills its own Redis: install redis-server.${why}`);
  }
  const folder = await tempFolder();
  const how = { binary, dir: folder.path, diesWithUs: true };
  let server: RedisServer = await startRedisServer({ ...how, ...options });
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(server.pid, signal);
    } catch {
      // It has ended already.
    }
  };
  const close = async (): Promise<void> => {
    await server.close();
    await folder.remove();
  };
  return {
    url: server.url,
    get pid() {
      return server.pid;
    },
    kill,
    restart: async () => {
      await server.close();
      server = await startRedisServer({ ...how, port: server.port });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
