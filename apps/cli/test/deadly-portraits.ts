import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import type { BatchRecord } from "@darkroom/ledger";
import type { Engine } from "./engine.ts";

/**
 * Variables of a worker in which, as with a fault of a native decoder, the process dies when it opens a file whose name has
 * `deadly` in it.
 *
 * @param afterMs so long after the file was opened, which never comes to its end
 */
export function deadlyFiles(afterMs = 0): Readonly<Record<string, string>> {
  const die =
    afterMs === 0 ? "process.abort()" : `(setTimeout(() => process.abort(), ${afterMs}), new Promise(() => {}))`;
  const code = [
    'import fs from "node:fs/promises";',
    'import { syncBuiltinESMExports } from "node:module";',
    "const open = fs.open;",
    `fs.open = (path, ...rest) => (String(path).includes("deadly") ? ${die} : open(path, ...rest));`,
    "syncBuiltinESMExports();",
  ].join(" ");
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

/** Starts a worker, and another whenever one dies, as a service manager does, until the batch has ended. */
export async function superviseWorkers(
  engine: Engine,
  batchId: string,
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<{ readonly record: BatchRecord; readonly deaths: number }> {
  let deaths = 0;
  let isOver = false;
  let worker: ChildProcess | undefined;
  const supervising = (async (): Promise<void> => {
    while (!isOver) {
      worker = await engine.spawnWorker(env);
      if (worker.exitCode === null && worker.signalCode === null) await once(worker, "exit");
      if (!isOver) deaths += 1;
    }
  })();
  try {
    return { record: await engine.ended(batchId, timeoutMs), deaths };
  } finally {
    isOver = true;
    worker?.kill("SIGKILL");
    await supervising;
  }
}
