import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DarkroomError } from "@darkroom/core";
import type { LocalRedis } from "./redis.ts";
import { endProcesses, processLife, signal } from "./process-life.ts";
import { redisPid, redisServes } from "./redis-call.ts";
import { runCommand } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

/** A Redis of this machine that several processes share: a process, or a container. */
export interface OwnRedis {
  readonly url: string;
  readonly port: number;
  readonly how: string;
  readonly pid?: number;
  readonly container?: string;
}

/** What the run file says: whose pid it is, too. */
interface RunningRedis extends OwnRedis {
  readonly life?: string;
}

const END_GRACE_MS = 10_000;
const SETTLE_TIMEOUT_MS = 15_000;
/** Somebody else may be starting it, and reading a large file. */
const LOCK_TIMEOUT_MS = 150_000;

/**
 * One Redis for all processes that name the same folder. In `<dataDir>/run`:
 * `redis.json` says where it runs: written by who starts it, deleted by who ends it;
 * `users/<pid>-<id>` holds the life of a process that uses it: written and deleted by that process, and ignored once
 * that process is dead;
 * `lock` is held while one of them looks, starts or ends.
 */
export async function shareRedis(dataDir: string, start: (dir: string) => Promise<OwnRedis>): Promise<LocalRedis> {
  const run = join(dataDir, "run");
  const users = join(run, "users");
  const runFile = join(run, "redis.json");
  const user = join(users, `${process.pid}-${randomUUID()}`);
  await mkdir(users, { recursive: true });

  const redis = await underLock(run, async () => {
    const found = await running(runFile);
    const own = found ?? withLife(await start(join(dataDir, "redis")));
    await writeFile(runFile, JSON.stringify(own));
    await writeFile(user, processLife(process.pid) ?? "");
    return { ...own, how: found === undefined ? own.how : `${own.how}, shared with another process` };
  });

  // Reached only when the process ends without close: nothing but a synchronous farewell is possible then.
  const onExit = (): void => {
    rmSync(user, { force: true });
    if (redis.pid !== undefined && !hasUsers(users)) signal(redis.pid, "SIGTERM");
  };
  process.once("exit", onExit);

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= underLock(run, async () => {
      process.off("exit", onExit);
      await rm(user, { force: true });
      if (hasUsers(users)) return;
      await end(redis);
      await rm(runFile, { force: true });
    }));
  return { url: redis.url, how: redis.how, isAlone: () => !hasUsers(users, user), close };
}

/**
 * The Redis of the run file, where it still runs and serves.
 *
 * @throws DarkroomError `redis_unavailable` when it runs and does not serve: a second one would spoil its files
 */
async function running(runFile: string): Promise<RunningRedis | undefined> {
  const text = await readFile(runFile, "utf8").catch(() => undefined);
  const own = text === undefined ? undefined : parseRunFile(text);
  if (own === undefined) return undefined;
  const { pid, port, life } = own;
  if (pid === undefined) return (await redisServes(port)) ? own : undefined;
  const isGone = (): boolean => life === undefined || processLife(pid) !== life;
  // It may be about to end, after its last user died.
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

function parseRunFile(text: string): RunningRedis | undefined {
  try {
    const own = JSON.parse(text) as Partial<RunningRedis>;
    return typeof own.url === "string" && typeof own.port === "number" ? (own as RunningRedis) : undefined;
  } catch {
    return undefined;
  }
}

function withLife(own: OwnRedis): RunningRedis {
  const life = own.pid === undefined ? undefined : processLife(own.pid);
  return life === undefined ? own : { ...own, life };
}

async function end(redis: OwnRedis): Promise<void> {
  if (redis.pid !== undefined) await endProcesses([redis.pid], END_GRACE_MS);
  if (redis.container !== undefined) {
    // Stopped first: Redis writes the rest of its file.
    await runCommand("docker", ["stop", redis.container], { timeoutMs: END_GRACE_MS * 2 });
    await runCommand("docker", ["rm", "--force", redis.container], { timeoutMs: END_GRACE_MS });
  }
}

/**
 * Synchronous, because it is also asked at the process's exit.
 *
 * @param besides a user that is not counted
 */
function hasUsers(users: string, besides?: string): boolean {
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

/** Holds `<run>/lock`, whose text is the holder's pid and life; one that a dead process left is taken away. */
async function underLock<T>(run: string, action: () => Promise<T>): Promise<T> {
  const lock = join(run, "lock");
  const mine = `${process.pid} ${processLife(process.pid) ?? ""}`;
  const taken = await waitUntil(async () => {
    const holder = await readFile(lock, "utf8").catch(() => undefined);
    if (holder !== undefined && holder !== "") {
      const [pid, life] = holder.split(" ");
      if (processLife(Number(pid)) === life) return false;
      await breakLock(lock, holder);
    }
    return await writeFile(lock, mine, { flag: "wx" }).then(
      () => true,
      () => false,
    );
  }, LOCK_TIMEOUT_MS);
  if (!taken) {
    throw new DarkroomError("conflict", `Another process holds ${lock}. End it, or delete that file if none runs.`);
  }
  try {
    return await action();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Takes a dead holder's lock away; gives it back when somebody living has taken it in the meantime. */
async function breakLock(lock: string, deadHolder: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  await rename(lock, aside).catch(() => undefined);
  const holder = await readFile(aside, "utf8").catch(() => deadHolder);
  if (holder !== deadHolder) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
}
