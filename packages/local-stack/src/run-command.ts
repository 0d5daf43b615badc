import { spawn } from "node:child_process";

export interface CommandResult {
  /** False when there is no such program. */
  readonly found: boolean;
  /** True when the program exited with code 0 in time. */
  readonly ok: boolean;
  readonly stdout: string;
  /** The end of the program's stderr, or why the program could not run. */
  readonly stderr: string;
}

export interface CommandOptions {
  /** Time limit after which the program is killed and the result is not ok. */
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** Replaces the environment. Defaults to this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

const KEPT_CHARS = 64 * 1024;

/** Runs a program to its end without terminal, shell or output. Never throws. */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    let stdout = "";
    let stderr = "";
    let late = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout = (stdout + text).slice(-KEPT_CHARS)));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-KEPT_CHARS)));
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
      // A grandchild may keep the pipes open, but its output is not needed.
      child.stdout.destroy();
      child.stderr.destroy();
    }, options.timeoutMs);
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve({ found: error.code !== "ENOENT", ok: false, stdout, stderr: error.message });
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({
        found: true,
        ok: code === 0 && !late,
        stdout,
        stderr: late ? `it did not end within ${options.timeoutMs} ms` : stderr,
      });
    });
  });
}

/** Returns the last non-empty line, for an error message. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}
