import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { DEATHS_OF_SUSPECT } from "@darkroom/core";
import { batchLedgerKeys, type BatchRecord } from "@darkroom/ledger";
import type { Engine } from "./engine.ts";

/**
 * Returns the environment of a worker that dies, as if by an error in a native decoder, when it opens a file with
 * `deadly` in its name.
 *
 * @param afterMs delay after opening the file, whose read never completes
 */
export function deadlyFiles(afterMs = 0): Readonly<Record<string, string>> {
  return atDeadlyFile(
    afterMs === 0 ? "process.abort()" : `(setTimeout(() => process.abort(), ${afterMs}), new Promise(() => {}))`,
  );
}

/** Returns the environment of a worker that allocates memory endlessly when it opens such a file. */
export function hungryFiles(): Readonly<Record<string, string>> {
  const takeMore = "(globalThis.taken ??= []).push(Buffer.alloc(16 * 1024 * 1024, 7))";
  return atDeadlyFile(`(setInterval(() => ${takeMore}, 20), new Promise(() => {}))`);
}

function atDeadlyFile(happens: string): Readonly<Record<string, string>> {
  const code = [
    'import fs from "node:fs/promises";',
    'import { syncBuiltinESMExports } from "node:module";',
    "const open = fs.open;",
    `fs.open = (path, ...rest) => (String(path).includes("deadly") ? ${happens} : open(path, ...rest));`,
    "syncBuiltinESMExports();",
  ].join(" ");
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

/** Marks portraits as suspects, as two dead workers would. */
export async function makeSuspects({ redis, settings }: Engine, batchId: string, count: number): Promise<void> {
  const { deaths, meta } = batchLedgerKeys(settings.redis.namespace, batchId);
  await redis.hset(meta, "hasDetours", 1);
  for (let index = 0; index < count; index += 1) await redis.hset(deaths, String(index), DEATHS_OF_SUSPECT);
}

/** Starts a worker, and another whenever one dies, like a service manager, until the batch has ended. */
export async function superviseWorkers(
  engine: Engine,
  batchId: string,
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<{ readonly record: BatchRecord; readonly deaths: number }> {
  let deaths = 0;
  const over = new AbortController();
  let worker: ChildProcess | undefined;
  const supervising = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      worker = await engine.spawnWorker(env);
      if (worker.exitCode === null && worker.signalCode === null) await once(worker, "exit");
      if (!over.signal.aborted) deaths += 1;
    }
  })();
  try {
    return { record: await engine.ended(batchId, timeoutMs), deaths };
  } finally {
    over.abort();
    worker?.kill("SIGKILL");
    await supervising;
  }
}
