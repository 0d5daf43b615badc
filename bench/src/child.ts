import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Question, Reply, Usage } from "./attached.ts";

export interface ChildOptions {
  /** For messages. */
  readonly name: string;
  /** The main file. */
  readonly file: string;
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Output with which the process reports that it is ready. */
  readonly ready: string;
}

/** A process that a benchmark measures. It ends together with the benchmark. */
export interface Child {
  readonly pid: number;
  /** The process's output until it was ready. */
  readonly said: string;
  ask<T>(question: string, argument?: unknown): Promise<T>;
  usage(): Promise<Usage>;
  kill(signal: NodeJS.Signals): void;
  /** Stops the process in order, or kills it after a few seconds. Waits for its end. */
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const CLOSE_TIMEOUT_MS = 8_000;
const ATTACHED = new URL("./attached.ts", import.meta.url).href;

/** Starts a Node process with the measuring module loaded first, and waits until it is ready. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, file, nodeArgs = [], env, ready } = options;
  const profile = process.env["DARKROOM_BENCH_PROFILE"];
  const profiling = profile === undefined || profile === "" ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, [...nodeArgs, ...profiling, "--import", ATTACHED, file], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error(`${name} has no output`);
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let asked = 0;
  const ended = once(child, "exit").then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} has ended`));
    waiting.clear();
  });
  child.on("message", (message) => {
    const { id, value, error } = message as Reply;
    const question = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) question?.resolve(value);
    else question?.reject(new Error(`${name}: ${error}`));
  });
  const ask = <T>(question: string, argument?: unknown): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const sent: Question = { id: (asked += 1), ask: question, argument };
      waiting.set(sent.id, { resolve: resolve as (value: unknown) => void, reject });
      child.send(sent, (error) => {
        if (error !== null) reject(error);
      });
    });
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
  const close = async (): Promise<void> => {
    if (isOver()) return;
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), CLOSE_TIMEOUT_MS);
    await ended;
    clearTimeout(force);
  };
  let said = "";
  const started = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${name} did not start: ${said}`)), START_TIMEOUT_MS);
    stdout.setEncoding("utf8").on("data", (text: string) => {
      if (said.includes(ready)) return;
      said += text;
      if (!said.includes(ready)) return;
      clearTimeout(late);
      resolve();
    });
    void ended.then(() => {
      clearTimeout(late);
      reject(new Error(`${name} ended at its start: ${said}`));
    });
  });
  await started.catch(async (error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  return { pid: child.pid ?? 0, said, ask, usage: () => ask<Usage>("usage"), kill, close };
}

/** Lists each app by name, so that knip detects the needed ones. */
const APPS = {
  api: import.meta.resolve("@darkroom/api"),
  producer: import.meta.resolve("@darkroom/producer"),
  worker: import.meta.resolve("@darkroom/worker"),
  twin: import.meta.resolve("@darkroom/twin"),
} as const;

/** Returns the main file of an app. */
export function appFile(app: keyof typeof APPS): string {
  return fileURLToPath(APPS[app]).replace(/index\.ts$/, "main.ts");
}

/** Returns a main file of the benchmarks. */
export function ownFile(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
