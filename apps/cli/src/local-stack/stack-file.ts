import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "@darkroom/core";
import { takeLock } from "@darkroom/local-stack/lock-file";
import { processLife } from "@darkroom/local-stack/process-life";
import { DarkroomClient } from "../api/client.ts";
import { CommandError, EXIT } from "../exit-codes.ts";

/**
 * A local stack of `darkroom start`, as described in `<dataDir>/run/stack.json`. The stack writes and deletes that
 * file.
 */
export interface RunningStack {
  readonly apiUrl: string;
  readonly pid: number;
  /** Distinguishes the stack's process from a later one with the same pid. */
  readonly life: string;
  /** The provider that does the stack's work. */
  readonly provider: "twin" | "key" | "none";
  /** The stack's DARKROOM_LOCAL_ROOTS: the folders that it may read and write, or "any". */
  readonly localRoots: string;
  /** True if a provider can fetch photos of local folders through the stack. */
  readonly hasPublicUrl: boolean;
}

/** A stack whose process is alive. */
interface FoundStack {
  readonly stack: RunningStack;
  /** Why the stack is unusable, for example because Redis has ended; undefined if its API works. */
  readonly fault: string | undefined;
}

/** Time within which a stack is ready after it starts or restarts its Redis. */
const SERVES_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 500;

function stackFilePath(dataDir: string): string {
  return join(dataDir, "run", "stack.json");
}

/**
 * Claims the data folder for this process's stack, from before the stack starts until {@link releaseStack}.
 *
 * @throws CommandError when another stack runs or is starting
 */
export async function claimStack(dataDir: string): Promise<void> {
  await mkdir(dirname(lockPath(dataDir)), { recursive: true });
  const holder = await takeLock(lockPath(dataDir));
  if (holder === undefined) return;
  const found = await findStack(dataDir, 0);
  const at = found === undefined ? "" : ` at ${found.stack.apiUrl}`;
  const how = found === undefined ? " It is starting or stopping." : faultText(found);
  throw new CommandError(
    EXIT.usage,
    `A stack of this folder is already running${at} (process ${holder}).${how} Stop that one first with Ctrl-C in its terminal (or: kill ${holder}), or set DARKROOM_DATA_DIR to another folder.`,
  );
}

function lockPath(dataDir: string): string {
  return join(dataDir, "run", "stack.lock");
}

function faultText({ fault }: FoundStack): string {
  return fault === undefined ? "" : ` It does no work at present: ${fault}`;
}

export async function writeStackFile(dataDir: string, stack: Omit<RunningStack, "life">): Promise<void> {
  const path = stackFilePath(dataDir);
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, JSON.stringify({ ...stack, life: processLife(stack.pid) ?? "" }));
  await rename(temporary, path);
}

export async function removeStackFile(dataDir: string): Promise<void> {
  await rm(stackFilePath(dataDir), { force: true });
}

/** Releases the claim of {@link claimStack}. */
export async function releaseStack(dataDir: string): Promise<void> {
  await rm(lockPath(dataDir), { force: true });
}

/**
 * Finds the stack of this data folder, if its process is alive.
 *
 * @param withinMs how long to wait for its API
 */
export async function findStack(dataDir: string, withinMs = SERVES_WITHIN_MS): Promise<FoundStack | undefined> {
  const late = performance.now() + withinMs;
  for (;;) {
    const stack = await readStackFile(dataDir);
    // A killed stack leaves its file behind.
    if (stack === undefined || processLife(stack.pid) !== stack.life) return undefined;
    const fault = await faultOf(stack.apiUrl);
    if (fault === undefined || performance.now() >= late) return { stack, fault };
    await sleep(LOOK_EVERY_MS);
  }
}

/** True while this stack's process runs and has not begun to stop. */
export async function isStackAlive(dataDir: string, { pid, life }: RunningStack): Promise<boolean> {
  const stack = await readStackFile(dataDir);
  return stack?.pid === pid && stack.life === life && processLife(pid) === life;
}

/**
 * Finds the stack that a command in this data folder must use.
 *
 * @throws CommandError when its process is alive but its API does not work, because a second stack must not be started
 */
export async function findRunningStack(dataDir: string): Promise<RunningStack | undefined> {
  const found = await findStack(dataDir);
  if (found?.fault !== undefined) throw new CommandError(EXIT.unreachable, unusableText(found));
  return found?.stack;
}

/** Returns advice for a stack that is running but unusable. */
export function unusableText({ stack, fault }: FoundStack): string {
  const { apiUrl, pid } = stack;
  return `The stack of this folder runs (${apiUrl}, process ${pid}), but does no work at present: ${fault} If that lasts, stop it with Ctrl-C in its terminal (or: kill ${pid}) and start it again.`;
}

/** Returns why a stack's API reports that it cannot work; undefined if the stack can work. */
export async function faultOf(apiUrl: string): Promise<string | undefined> {
  const client = new DarkroomClient(apiUrl, undefined);
  try {
    await client.ready();
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    await client.close();
  }
}

async function readStackFile(dataDir: string): Promise<RunningStack | undefined> {
  const text = await readFile(stackFilePath(dataDir), "utf8").catch(() => undefined);
  return text === undefined ? undefined : parseStack(text);
}

function parseStack(text: string): RunningStack | undefined {
  try {
    const stack = JSON.parse(text) as Partial<RunningStack>;
    return typeof stack.apiUrl === "string" && typeof stack.pid === "number" ? (stack as RunningStack) : undefined;
  } catch {
    return undefined;
  }
}
