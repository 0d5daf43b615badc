import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DarkroomClient } from "./client.ts";

/** A local stack that `darkroom start` keeps running, as `<dataDir>/run/stack.json` says: written and deleted by it. */
export interface RunningStack {
  readonly apiUrl: string;
  readonly pid: number;
  /** Who does its work. */
  readonly provider: "twin" | "key" | "none";
  /** Its DARKROOM_LOCAL_ROOTS: the folders that it may read and write, or "any". */
  readonly localRoots: string;
  /** Whether a provider can fetch photos of local folders through it. */
  readonly hasPublicUrl: boolean;
}

function stackFilePath(dataDir: string): string {
  return join(dataDir, "run", "stack.json");
}

export async function writeStackFile(dataDir: string, stack: RunningStack): Promise<void> {
  const path = stackFilePath(dataDir);
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(stack));
  await rename(temporary, path);
}

export async function removeStackFile(dataDir: string): Promise<void> {
  await rm(stackFilePath(dataDir), { force: true });
}

/** The stack of this data folder, where its process lives and its API answers. */
export async function findRunningStack(dataDir: string): Promise<RunningStack | undefined> {
  const text = await readFile(stackFilePath(dataDir), "utf8").catch(() => undefined);
  const stack = text === undefined ? undefined : parseStack(text);
  if (stack === undefined || !isAlive(stack.pid)) return undefined;
  const client = new DarkroomClient(stack.apiUrl, undefined);
  try {
    await client.ready();
    return stack;
  } catch {
    return undefined;
  } finally {
    await client.close();
  }
}

function parseStack(text: string): RunningStack | undefined {
  try {
    const stack = JSON.parse(text) as Partial<RunningStack>;
    return typeof stack.apiUrl === "string" && typeof stack.pid === "number" ? (stack as RunningStack) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
