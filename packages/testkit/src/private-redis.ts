import { REDIS_SETTINGS, startRedisServer, type RedisServer } from "@darkroom/local-stack";
import { redisBinary } from "./redis-topology.ts";
import { tempFolder } from "./temp-folder.ts";

/**
 * Linux gives ports from here on to whoever connects to something, a client that looks for a killed Redis included: one
 * that is to be started again on the same port stays below.
 */
const FIRST_EPHEMERAL_PORT = 32_768;

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
 * Starts a Redis of the test's own; works with `await using`. `settings` are added to its command line.
 *
 * @throws DarkroomError `tool_missing` where there is no server program: one in a container cannot be frozen
 */
export async function startRedis(
  options: { readonly port?: number; readonly settings?: readonly string[] } = {},
): Promise<PrivateRedis> {
  const binary = await redisBinary();
  const folder = await tempFolder();
  const settings = [...REDIS_SETTINGS, ...(options.settings ?? [])];
  const how = { binary, dir: folder.path, diesWithUs: true, settings };
  const { port } = options;
  const where = port === undefined ? { portBelow: FIRST_EPHEMERAL_PORT } : { port };
  let server: RedisServer = await startRedisServer({ ...how, ...where });
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
