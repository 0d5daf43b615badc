import { REDIS_SETTINGS, startRedisServer, type RedisServer } from "@darkroom/local-stack";
import { redisBinary } from "./redis-topology.ts";
import { tempFolder } from "./temp-folder.ts";

/**
 * Linux assigns ports from here on to outgoing connections, such as those of clients that try to reach a killed Redis.
 * A Redis that restarts on the same port must use a lower port.
 */
const FIRST_EPHEMERAL_PORT = 32_768;

/** A Redis that belongs to one test, which may freeze, kill and restart it. */
export interface PrivateRedis {
  /** Stays the same across restarts. */
  readonly url: string;
  readonly pid: number;
  /** SIGSTOP freezes it, SIGCONT resumes it, SIGKILL simulates a crash. */
  kill(signal: NodeJS.Signals): void;
  /** Stops the server if it still runs, and starts it again with the same port and data. */
  restart(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a private Redis for a test. Works with `await using`. `settings` are appended to its command line.
 *
 * @throws DarkroomError `tool_missing` without a server program, because a container cannot be frozen
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
      // The process has already exited.
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
