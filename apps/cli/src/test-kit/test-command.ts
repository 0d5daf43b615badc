import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { TIME_SCALE_ARGS } from "@darkroom/core";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

const running = new Set<ChildProcess>();

/**
 * Stops remaining commands, for `afterEach`: a test that timed out leaves its command behind. This also stops the
 * command's own Redis.
 */
export async function stopCommands(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    }),
  );
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the command in a separate process, and collects its output as it arrives. */
export function spawnCommand(args: readonly string[], { cwd, env = {} }: RunOptions) {
  const child = spawn(process.execPath, [...TIME_SCALE_ARGS, MAIN, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], DARKROOM_TWIN_CLOCK: "100", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let err = "";
  let out = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  const ended = Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]).then(() => ({
    code: child.exitCode,
    out,
    err,
  }));
  return { child, ended, out: () => out, err: () => err };
}

export async function runCommand(args: readonly string[], options: RunOptions) {
  return await spawnCommand(args, options).ended;
}
