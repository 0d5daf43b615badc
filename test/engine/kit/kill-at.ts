import { once } from "node:events";
import { EMPTY_RECEIPT, type RecipeInput } from "@darkroom/core";
import { createLogger, createMetrics } from "@darkroom/runtime";
import { testRedisUrl, testS3, until } from "@darkroom/testkit";
import type { TwinOptions } from "@darkroom/twin";
import { startWorker, type RunningWorker } from "@darkroom/worker";
import { startEngine, type Engine } from "./engine.ts";
import { postTo } from "./post-to.ts";
import { startHoldingRedis, type Hold } from "./holding-redis.ts";
import { startHoldingStore } from "./holding-store.ts";

/** A moment in a portrait's processing, extended until its worker is killed. */
export interface Moment {
  readonly when: string;
  /** Holds a write of the worker to the ledger. */
  readonly redis?: Hold;
  /** Holds the upload of the result to the store. */
  readonly upload?: true;
  /** Returns true once the moment has come, for moments held by the provider or by timing alone. */
  readonly reached?: (engine: Engine, batch: string) => boolean | Promise<boolean>;
  readonly twin?: TwinOptions;
  /** Orders another result with this note first. The worker is killed in that round. */
  readonly redo?: string;
}

function times(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Matches a receipt with the intent of the call of `step` (from 0), and no answer yet. */
export function intentOf(step: number): Hold["at"] {
  return (command) => times(command, '"status":"intended"') === 1 && times(command, '"status":"answered"') === step;
}

/**
 * Matches a receipt in which the call of `step` (from 0) was answered with a picture, by a link or within the answer.
 */
export function outputOf(step: number): Hold["at"] {
  return (command) => times(command, '"status":"intended"') === 0 && times(command, '"status":"answered"') === step + 1;
}

/** Matches the write of the portrait's success. */
export const settling: Hold["at"] = (command) => command.includes('"code":"ok"');

/** Runs one portrait to the moment, kills its worker there, and lets another worker finish it. */
export async function killAt(
  { redis: hold, upload, reached, twin, when, redo }: Moment,
  recipe: RecipeInput,
  env: Readonly<Record<string, string>> = {},
) {
  const redis = hold === undefined ? undefined : await startHoldingRedis(testRedisUrl(), hold);
  const store = upload === true ? await startHoldingStore(testS3().endpoint, isResult) : undefined;
  const engine = await startEngine({
    workers: 0,
    phota: recipe.provider === "phota",
    store: upload === true ? "s3" : "local",
    twin: { latencyMs: 50, ...twin },
    env: { DARKROOM_LOCK_MS: "1000", DARKROOM_DEADLINE_MS: "60000", DARKROOM_IDLE_MS: "30000", ...env },
  });
  let next: RunningWorker | undefined;
  try {
    // From now on Redis knows the scripts, so that each is sent once, by its hash.
    await engine.ledger.claims.writeReceipt("nobody's", 0, "token", EMPTY_RECEIPT);
    const outcome = { code: "internal", billed: "no", message: "", attempts: 0, providerMs: 0, costUsd: 0 } as const;
    await engine.ledger.claims.settle("nobody's", 0, "token", outcome);
    await engine.addPhotos(1, () => "anna.jpg");
    const log = createLogger({ level: engine.settings.log.level, name: "next" });
    const first =
      redo === undefined ? undefined : await startWorker(engine.settings, { log, metrics: createMetrics() });
    let batch = first === undefined ? "" : await engine.submit({ recipe });
    if (first !== undefined) {
      await engine.ended(batch);
      await first.close();
    }
    const victim = await engine.spawnWorker({
      ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
      ...(store === undefined ? {} : { AWS_ENDPOINT_URL_S3: store.url }),
    });
    if (redo === undefined) batch = await engine.submit({ recipe });
    else await postTo(engine, `/batches/${batch}/redo`, { note: redo, indexes: [0] });
    let isHeld = false;
    void Promise.race([redis?.held, store?.held].filter((promise) => promise !== undefined)).then(
      () => (isHeld = true),
    );
    await until(async () => isHeld || (await reached?.(engine, batch)) === true, { what: when, timeoutMs: 60_000 });
    const gone = once(victim, "exit");
    victim.kill("SIGKILL");
    await gone;
    const atDeath = engine.twin.ledger();
    next = await startWorker(engine.settings, { log, metrics: createMetrics() });
    const record = await engine.ended(batch, 120_000);
    const [line] = await engine.report(batch);
    const delivered = await engine.results.head("anna.jpg");
    // The dead worker's calls are processed to their end and billed.
    await until(() => engine.twin.stats().running === 0, { what: "the provider to be done", timeoutMs: 30_000 });
    return { atDeath, ledger: engine.twin.ledger(), record, line, delivered: delivered !== undefined };
  } finally {
    await next?.close();
    await engine.close();
    await redis?.close();
    await store?.close();
  }
}

/** Matches a result's PUT, but none of a batch's own files. */
function isResult(path: string): boolean {
  return path.includes("/out/") && !path.includes("_darkroom") && !path.includes("darkroom-write-probe");
}
