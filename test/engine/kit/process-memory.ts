import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** True if this system reports a process's peak memory. */
export const hasProcessMemory = existsSync("/proc/self/status");

/** Returns the peak memory of a process so far, in bytes. */
export async function peakBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error("the system does not tell how much memory the process has held");
  return Number(kibibytes) * 1_024;
}
