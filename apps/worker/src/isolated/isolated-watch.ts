import { writeSync } from "node:fs";
import process from "node:process";
import { workerData } from "node:worker_threads";

/**
 * Input of the watchdog thread of an isolated process. Even while the main thread is busy, the thread kills the process
 * when it exceeds its memory limit (Node limits only the heap) or loses its worker.
 */

export interface WatchData {
  readonly memoryBytes: number;
  /** Process id of the worker. */
  readonly parentId: number;
}

const LOOK_EVERY_MS = 50;
const MEBIBYTE = 1_048_576;
/**
 * A thread's `process.stderr` writes through the main thread, which may be busy, so the watchdog writes to the
 * descriptor.
 */
const STANDARD_ERROR = 2;

const { memoryBytes, parentId } = workerData as WatchData;
setInterval(() => {
  const isOrphan = process.ppid !== parentId;
  const isTooLarge = process.memoryUsage.rss() > memoryBytes;
  if (isTooLarge) writeSync(STANDARD_ERROR, `it needs more than its limit of ${memoryBytes / MEBIBYTE} MiB\n`);
  if (isOrphan || isTooLarge) process.kill(process.pid, "SIGKILL");
}, LOOK_EVERY_MS);
