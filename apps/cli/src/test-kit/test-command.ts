import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { TIME_SCALE_ARGS } from "@darkroom/core";
import { runProgram } from "../program.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
/** The cache of the command itself. Named at the start, it also serves the files that are loaded first. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL("../../../../.cache/compiled", import.meta.url));

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

/** The result of a command, and everything that it wrote. */
export interface EndedCommand {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs the command in a separate process, for tests that signal, kill or measure the process. Collects the output while
 * the process runs.
 */
export function spawnCommand(args: readonly string[], options: RunOptions) {
  const child = spawn(process.execPath, [...TIME_SCALE_ARGS, MAIN, ...args], {
    cwd: options.cwd,
    env: { NODE_COMPILE_CACHE, ...environmentOf(options) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let err = "";
  let out = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  const ended = Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]).then((): EndedCommand => ({
    code: child.exitCode,
    out,
    err,
  }));
  return { child, ended, out: () => out, err: () => err };
}

/** Runs the command in this process until it ends. Covers everything except the start of Node and the entry file. */
export async function runCommand(args: readonly string[], options: RunOptions): Promise<EndedCommand> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  const code = await runProgram(args, {
    variables: environmentOf(options),
    cwd: options.cwd,
    streams: { stdin: Readable.from([]), stdout, stderr },
  });
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { code, out, err };
}

function environmentOf({ env = {} }: RunOptions): Readonly<Record<string, string | undefined>> {
  return {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    DARKROOM_TWIN_CLOCK: "100",
    DARKROOM_FACES: "off",
    ...env,
  };
}
