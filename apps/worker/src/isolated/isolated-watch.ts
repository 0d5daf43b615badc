import { writeSync } from "node:fs";
import process from "node:process";
import { workerData } from "node:worker_threads";

/*
 * A thread of a process that has one portrait alone. It ends the process, whatever the other threads are busy with, when
 * that holds more memory than it may (Node's own limit is on its heap alone), or when its worker has gone.
 */

export interface WatchData {
  readonly memoryBytes: number;
  /** The worker's process. */
  readonly parentId: number;
}

const LOOK_EVERY_MS = 50;
const MEBIBYTE = 1_048_576;
/** A thread has no descriptor of its own for it. */
const STANDARD_ERROR = 2;

const { memoryBytes, parentId } = workerData as WatchData;
setInterval(() => {
  const isOrphan = process.ppid !== parentId;
  const isTooLarge = process.memoryUsage.rss() > memoryBytes;
  if (isTooLarge) writeSync(STANDARD_ERROR, `it needs more than the ${memoryBytes / MEBIBYTE} MiB that it may take\n`);
  if (isOrphan || isTooLarge) process.kill(process.pid, "SIGKILL");
}, LOOK_EVERY_MS);
