import { spawn } from "node:child_process";

/**
 * Runs a line of shell when this process ends without having let go, however it ends (SIGKILL too): a small shell
 * waits for the end of a pipe that only we hold. `args` are `$1`, `$2`… of the line. The returned function lets go.
 */
export function leash(script: string, args: readonly string[]): () => void {
  const watcher = spawn("/bin/sh", ["-c", `read -r _; ${script}`, "darkroom-leash", ...args], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.on("error", () => undefined);
  watcher.unref();
  watcher.stdin.on("error", () => undefined);
  // The pipe is a socket of ours: it must not keep us alive.
  if ("unref" in watcher.stdin && typeof watcher.stdin.unref === "function") watcher.stdin.unref();
  return () => {
    watcher.kill("SIGKILL");
    watcher.stdin.destroy();
  };
}
