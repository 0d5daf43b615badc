import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Downloaded programs stay in the checkout, so that later runs start quickly. */
export const CACHE_DIR = fileURLToPath(new URL("../../../.cache/local-stack", import.meta.url));

const SCRIPT = fileURLToPath(new URL("./share-redis.ts", import.meta.url));

/** A separate process that uses the Redis of a data folder. */
export interface Sharer {
  readonly url: string;
  readonly port: number;
  /** Releases the Redis, like a process that ends in order. */
  leave(): Promise<void>;
  /** Dies without releasing the Redis. */
  crash(): Promise<void>;
  /** Calls `process.exit` without releasing the Redis. */
  exit(): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

export async function startSharer(dataDir: string): Promise<Sharer> {
  const child = spawn(process.execPath, [SCRIPT, dataDir, CACHE_DIR], { stdio: ["pipe", "pipe", "inherit"] });
  const [url] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`the sharer ended with ${String(code)}`))),
  ])) as [string];
  return {
    url,
    port: Number(new URL(url).port),
    leave: () => ended(child, () => child.stdin.end()),
    crash: () => ended(child, () => child.kill("SIGKILL")),
    exit: () => ended(child, () => child.stdin.write("exit")),
    signal: (name) => void child.kill(name),
  };
}

async function ended(child: ChildProcess, how: () => void): Promise<void> {
  const exit = once(child, "exit");
  how();
  await exit;
}
