import { spawn } from "node:child_process";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DarkroomError } from "@darkroom/core";
import { freePort } from "./free-port.ts";
import { leash } from "./leash.ts";
import { endProcesses, signal } from "./process-life.ts";
import type { RedisBinary } from "./redis-binary.ts";
import { redisPid, redisServes } from "./redis-call.ts";
import { lastLine } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

/** A Redis process on this machine. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** True when its process has ended, in order or not. */
  hasEnded(): boolean;
  /** Stops the process and waits for its end. Idempotent. */
  close(): Promise<void>;
}

export interface RedisServerOptions {
  readonly binary: RedisBinary;
  /** Folder of the append-only file and the log. Created if missing. */
  readonly dir: string;
  /** Defaults to a free port. */
  readonly port?: number;
  /** Kills the server and deletes `dir` if this process dies without {@link RedisServer.close}. Defaults to false. */
  readonly diesWithUs?: boolean;
  /** Remaining command-line arguments. Defaults to {@link REDIS_SETTINGS}. */
  readonly settings?: readonly string[];
  /** A configuration file, which a Sentinel writes to. */
  readonly configFile?: string;
  /** Picks a free port below this one, because cluster nodes also use their port plus 10000. Defaults to no limit. */
  readonly portBelow?: number;
}

/** Darkroom's promises require both: no eviction, and no data loss at a restart. */
export const REDIS_SETTINGS = ["--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", ""];

/** Loading a large append-only file takes time. */
const START_TIMEOUT_MS = 120_000;
const END_GRACE_MS = 10_000;
const PORT_TRIES = 5;
/** Redis's message for a port that another program uses. */
export const PORT_TAKEN = "Address already in use";
const KILL_AND_DELETE = 'kill -9 "$1"; rm -rf "$2"';
const LOG_NAME = "redis.log";

/**
 * Starts a Redis with an append-only file and without eviction. Runs it in its own process group, so that Ctrl-C in the
 * terminal reaches only this process. Resolves once Redis is ready.
 *
 * @throws DarkroomError `redis_unavailable` with the server's last output
 */
export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort(options.portBelow));
    const outcome = await start(options, port);
    if (typeof outcome !== "string") return outcome;
    const lostTheRace = options.port === undefined && outcome.includes(PORT_TAKEN);
    if (lostTheRace && tries < PORT_TRIES) continue;
    throw new DarkroomError("redis_unavailable", `Redis did not start on port ${port}: ${outcome}`);
  }
}

async function start(options: RedisServerOptions, port: number): Promise<RedisServer | string> {
  const { binary, dir } = options;
  await mkdir(dir, { recursive: true });
  const logPath = join(dir, LOG_NAME);
  const log = await open(logPath, "w");
  const listen = ["--bind", "127.0.0.1", "--port", String(port), "--dir", dir];
  const { configFile, settings = REDIS_SETTINGS } = options;
  const words = [binary.file, ...(configFile === undefined ? [] : [configFile]), ...listen, ...settings];
  const child = spawn("env", [...environment(binary), ...words], {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  let ended: string | undefined;
  child.on("error", (error) => (ended = error.message));
  child.on("exit", () => (ended ??= "it exited at once"));
  child.unref();
  const { pid } = child;
  // Until the server is ready, only this process knows the server, and must kill it when exiting.
  const onExit = (): void => {
    if (pid !== undefined && ended === undefined) signal(pid, "SIGKILL");
  };
  process.once("exit", onExit);
  await log.close();
  // Also compares the pid, because another process may have taken the port.
  const serving = await waitUntil(
    async () => ended !== undefined || ((await redisServes(port)) && (await redisPid(port)) === pid),
    START_TIMEOUT_MS,
  );
  process.off("exit", onExit);
  if (serving && ended === undefined && pid !== undefined) {
    const letGo = options.diesWithUs === true ? leash(KILL_AND_DELETE, [String(pid), dir]) : undefined;
    // Once the server has ended, its pid may belong to another process.
    child.once("exit", () => letGo?.());
    const close = async (): Promise<void> => {
      if (ended === undefined) await endProcesses([pid], END_GRACE_MS);
      // A zombie's last threads may still hold its port.
      await waitUntil(() => ended !== undefined, END_GRACE_MS);
      letGo?.();
    };
    return { url: `redis://127.0.0.1:${port}`, port, pid, hasEnded: () => ended !== undefined, close };
  }
  if (pid !== undefined && ended === undefined) await endProcesses([pid], 1_000);
  const said = await readFile(logPath, "utf8").catch(() => "");
  const inUse = /.*Address already in use.*/.exec(said)?.[0];
  return inUse ?? (lastLine(said) || (ended ?? "it did not answer in time"));
}

/** env(1) replaces itself with the program, so the pid is the program's. */
function environment(binary: RedisBinary): string[] {
  return Object.entries(binary.env).map(([name, value]) => `${name}=${value}`);
}
