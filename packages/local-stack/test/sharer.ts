import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Programs that tests bring stay in the checkout, so that the second run is quick. */
export const CACHE_DIR = fileURLToPath(new URL("../../../.cache/local-stack", import.meta.url));

const SCRIPT = fileURLToPath(new URL("./share-redis.ts", import.meta.url));

/** A process of its own that uses the Redis of a data folder. */
export interface Sharer {
  readonly url: string;
  readonly port: number;
  /** Lets go of it, as a process that ends well does. */
  leave(): Promise<void>;
  /** Dies without a word. */
  crash(): Promise<void>;
  /** Ends with `process.exit`, without letting go of it. */
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
