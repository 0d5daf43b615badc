import { spawn } from "node:child_process";

/**
 * Runs a shell command when this process ends without releasing it, even by SIGKILL: a small shell waits for the end of
 * a pipe that only this process holds open. `args` are `$1`, `$2`… of the command. The returned function releases it.
 */
export function leash(script: string, args: readonly string[]): () => void {
  const watcher = spawn("/bin/sh", ["-c", `read -r _; ${script}`, "darkroom-leash", ...args], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.on("error", () => undefined);
  watcher.unref();
  watcher.stdin.on("error", () => undefined);
  // The pipe must not keep this process alive.
  if ("unref" in watcher.stdin && typeof watcher.stdin.unref === "function") watcher.stdin.unref();
  return () => {
    watcher.kill("SIGKILL");
    watcher.stdin.destroy();
  };
}
