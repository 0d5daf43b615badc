import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { waitUntil } from "./wait-until.ts";

/**
 * Returns the start time of a process, which distinguishes it from a later one with the same pid. Undefined if there is
 * no such process, or only its zombie.
 */
export function processLife(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name in parentheses may contain spaces. The state is the first field after it, the start time the twentieth
      // (proc(5)).
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  const { stdout } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const line = stdout.trim();
  return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
}

/** Sends a signal. Does nothing if the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has already ended.
  }
}

/** Sends SIGTERM to the processes, kills those that remain after `graceMs`, and waits until all are gone. */
export async function endProcesses(pids: readonly number[], graceMs: number): Promise<void> {
  const lives = new Map(pids.map((pid) => [pid, processLife(pid)]));
  const left = (): number[] =>
    pids.filter((pid) => lives.get(pid) !== undefined && processLife(pid) === lives.get(pid));
  for (const pid of left()) {
    // A frozen process does not react to SIGTERM.
    signal(pid, "SIGCONT");
    signal(pid, "SIGTERM");
  }
  if (await waitUntil(() => left().length === 0, graceMs)) return;
  for (const pid of left()) signal(pid, "SIGKILL");
  await waitUntil(() => left().length === 0, 5_000);
}
