import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DarkroomError, messageOf } from "@darkroom/core";
import type { LocalRedis } from "./local-redis.ts";
import { takeLock } from "./lock-file.ts";
import { endProcesses, processLife, signal } from "./process-life.ts";
import { redisPid, redisServes } from "./redis-call.ts";
import { keepRedis, type RedisFate } from "./redis-keeper.ts";
import { PORT_TAKEN } from "./redis-server.ts";
import { runCommand } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

/** A local Redis that several processes share: a process, or a container. */
export interface OwnRedis {
  readonly url: string;
  readonly port: number;
  readonly how: string;
  readonly pid?: number;
  readonly container?: string;
}

/** The content of the run file, with the process's identity. */
interface RunningRedis extends OwnRedis {
  readonly life?: string;
}

const END_GRACE_MS = 10_000;
const SETTLE_TIMEOUT_MS = 15_000;
const PORT_RETRY_MS = 250;
/** Long, because another process may be starting Redis with a large file. */
const LOCK_TIMEOUT_MS = 150_000;

/** Starts a Redis with its data in `dir`, on a free port unless one is given. */
export type StartRedis = (dir: string, port?: number) => Promise<OwnRedis>;

/**
 * Shares one Redis between all processes that use the same folder. In `<dataDir>/run`, `redis.json` contains the Redis
 * address, and `users/<pid>-<id>` marks each process that uses Redis (ignored once that process is dead). A process
 * holds `lock` while it checks, starts or stops Redis. Each user watches Redis and restarts it on the same port.
 *
 * @param told called when a Redis ends while in use
 */
export async function shareRedis(
  dataDir: string,
  start: StartRedis,
  told: (fate: RedisFate) => void,
): Promise<LocalRedis> {
  const run = join(dataDir, "run");
  const data = join(dataDir, "redis");
  const users = join(run, "users");
  const runFile = join(run, "redis.json");
  const user = join(users, `${process.pid}-${randomUUID()}`);
  await mkdir(users, { recursive: true });

  let current: RunningRedis | undefined;
  /** After Redis has ended, the first process restarts it at the address that the other users know. */
  const findOrStart = async (): Promise<RunningRedis> => {
    const found = await running(runFile);
    current = found ?? withLife(await startAt(start, data, hasUsers(users) ? readRunFile(runFile)?.port : undefined));
    await writeFile(runFile, JSON.stringify(current));
    return { ...current, how: found === undefined ? current.how : `${current.how}, shared with another process` };
  };

  // Called only when the process exits without close, so only a synchronous stop is possible.
  const onExit = (): void => {
    rmSync(user, { force: true });
    // Another process may have restarted Redis.
    const last = readRunFile(runFile) ?? current;
    if (last === undefined || hasUsers(users) || !lives(last)) return;
    // A frozen process would not react to the second signal.
    for (const name of ["SIGCONT", "SIGTERM"] as const) signal(last.pid, name);
  };
  process.once("exit", onExit);

  const redis = await underLock(run, async () => {
    const found = await findOrStart();
    await writeFile(user, processLife(process.pid) ?? "");
    return found;
  }).catch((error: unknown) => {
    process.off("exit", onExit);
    throw error;
  });

  const keeper = keepRedis({
    isGone: () => current?.pid !== undefined && !lives(current),
    dataFault: () => (existsSync(users) && existsSync(data) ? undefined : `${dataDir} was deleted`),
    startAgain: async () => {
      await underLock(run, findOrStart);
      if (current?.url === redis.url) return;
      throw new DarkroomError("redis_unavailable", `another process has started it at ${current?.url}`);
    },
    told,
  });

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= keeper.stop().then(closeShared));
  const closeShared = async (): Promise<void> => {
    // Without its folder, this Redis can no longer be shared.
    if (existsSync(users)) await underLock(run, leave);
    else await end(current);
    // If this fails, for example on a full disk, the exit handler stays registered.
    process.off("exit", onExit);
  };
  const leave = async (): Promise<void> => {
    await rm(user, { force: true });
    if (hasUsers(users)) return;
    await end(readRunFile(runFile) ?? current);
    await rm(runFile, { force: true });
  };
  return { url: redis.url, how: redis.how, isAlone: () => !hasUsers(users, user), close };
}

/** A connection attempt may occupy the given port for a moment. */
async function startAt(start: StartRedis, dir: string, port: number | undefined): Promise<OwnRedis> {
  if (port === undefined) return await start(dir);
  const until = performance.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    try {
      return await start(dir, port);
    } catch (error) {
      if (!messageOf(error).includes(PORT_TAKEN) || performance.now() > until) throw error;
      await sleep(PORT_RETRY_MS);
    }
  }
}

/** True when the process runs and is the one that was started. */
function lives(redis: RunningRedis): redis is RunningRedis & { readonly pid: number } {
  return redis.pid !== undefined && redis.life !== undefined && processLife(redis.pid) === redis.life;
}

/**
 * Returns the Redis of the run file, if that Redis still runs and is ready.
 *
 * @throws DarkroomError `redis_unavailable` when the Redis runs but does not respond, because a second one would
 *   corrupt its files
 */
async function running(runFile: string): Promise<RunningRedis | undefined> {
  const own = readRunFile(runFile);
  if (own === undefined) return undefined;
  const { pid, port } = own;
  if (pid === undefined) return (await redisServes(port)) ? own : undefined;
  const isGone = (): boolean => !lives(own);
  // The Redis may be about to end because its last user died.
  const settled = await waitUntil(
    async () => isGone() || ((await redisServes(port)) && (await redisPid(port)) === pid),
    SETTLE_TIMEOUT_MS,
  );
  if (isGone()) return undefined;
  if (settled) return own;
  throw new DarkroomError(
    "redis_unavailable",
    `The Redis of this folder runs (process ${pid}), but does not answer. End it (kill ${pid}) and try again.`,
  );
}

/** Synchronous, because it is also called when the process exits. */
function readRunFile(path: string): RunningRedis | undefined {
  try {
    const own = JSON.parse(readFileSync(path, "utf8")) as Partial<RunningRedis>;
    return typeof own.url === "string" && typeof own.port === "number" ? (own as RunningRedis) : undefined;
  } catch {
    return undefined;
  }
}

function withLife(own: OwnRedis): RunningRedis {
  const life = own.pid === undefined ? undefined : processLife(own.pid);
  return life === undefined ? own : { ...own, life };
}

async function end(redis: RunningRedis | undefined): Promise<void> {
  if (redis === undefined) return;
  // Once Redis has ended, its pid may belong to another process.
  if (lives(redis)) await endProcesses([redis.pid], END_GRACE_MS);
  if (redis.container !== undefined) {
    // Stopped before it is removed, so that Redis writes the rest of its file.
    await runCommand("docker", ["stop", redis.container], { timeoutMs: END_GRACE_MS * 2 });
    await runCommand("docker", ["rm", "--force", redis.container], { timeoutMs: END_GRACE_MS });
  }
}

/**
 * Synchronous, because it is also called when the process exits.
 *
 * @param besides a user to leave out of the count
 */
function hasUsers(users: string, besides?: string): boolean {
  if (!existsSync(users)) return false;
  return readdirSync(users).some((name) => {
    const path = join(users, name);
    if (path === besides) return false;
    try {
      if (processLife(Number(name.split("-")[0])) === readFileSync(path, "utf8")) return true;
    } catch {
      return false;
    }
    rmSync(path, { force: true });
    return false;
  });
}

/** Runs `action` while holding `<run>/lock`. */
async function underLock<T>(run: string, action: () => Promise<T>): Promise<T> {
  const lock = join(run, "lock");
  if (!(await waitUntil(async () => (await takeLock(lock)) === undefined, LOCK_TIMEOUT_MS))) {
    throw new DarkroomError("conflict", `Another process holds ${lock}. End it, or delete that file if none runs.`);
  }
  try {
    return await action();
  } finally {
    await rm(lock, { force: true });
  }
}
