import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { recoverBatch, writeControlFile } from "@darkroom/archive";
import { readEngineSettings } from "@darkroom/config";
import { BATCH_FORMAT, batchKeys, newBatchId, resolveRecipe, type BatchSpec } from "@darkroom/core";
import { BatchRestore, CostBook, Ledger } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { openStores } from "@darkroom/storage";
import { createLogger, createMetrics } from "@darkroom/runtime";
import { tempFolder, testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { startProducer } from "./start-producer.ts";

test("cancels a batch that was cancelled before Redis was lost, even if the recovering process died first", async () => {
  const [namespace, folder] = [testNamespace(), await tempFolder()];
  const settings = readEngineSettings({
    REDIS_URL: testRedisUrl(),
    DARKROOM_NAMESPACE: namespace,
    DARKROOM_TWIN: "true",
    EACHLABS_BASE_URL: "http://127.0.0.1:9",
    EACHLABS_API_KEY: "of-no-use",
    DARKROOM_LOCAL_ROOTS: folder.path,
    DARKROOM_LINK_SECRET: "a secret of this test",
  });
  const redis = connectRedis({ url: settings.redis.url, name: "reconciler-test", onError: () => undefined });
  const stores = openStores({ s3: {}, local: settings.local });
  const ledger = new Ledger(redis, namespace);
  const url = pathToFileURL(`${folder.path}/`).href;
  const results = stores.open(`${url}out/`);
  const id = newBatchId();
  const spec: BatchSpec = {
    format: BATCH_FORMAT,
    id,
    createdAt: new Date().toISOString(),
    source: { kind: "prefix", url: `${url}in/` },
    destination: { url: results.url },
    recipe: resolveRecipe({ preset: "professional-polish", mode: "eco" }),
    lane: "twin",
    prices: {},
  };
  try {
    await stores.open(spec.source.url).put("a.jpg", Buffer.from("a photo"));
    await ledger.create(spec);
    await ledger.control.cancel(id, "wrong folder");
    const cancelled = await ledger.read(id);
    if (cancelled === undefined) throw new Error("the batch is gone");
    await results.put(batchKeys(id).spec, Buffer.from(JSON.stringify(spec)));
    await writeControlFile(results, cancelled);
    await redis.del(`${namespace}:{${id}}:meta`);

    const recovering = recoverBatch(
      {
        ledger: {
          read: (batchId) => ledger.read(batchId),
          marks: () => ledger.marks(),
          control: { stop: () => Promise.reject(new Error("killed")) },
        },
        openRestore: (batchId) => new BatchRestore(redis, namespace, batchId),
        costs: new CostBook(redis, namespace),
        limitsOf: () => ({}),
        now: Date.now,
      },
      results,
      id,
    );
    await expect(recovering).rejects.toThrow("killed");
    expect(await ledger.read(id)).toMatchObject({ cancelled: false, state: "paused" });
    const log = createLogger({ level: "silent", name: "test" });
    const producer = await startProducer(settings, { log, metrics: createMetrics() });
    try {
      await until(async () => (await ledger.read(id))?.endedAt !== undefined, { what: "the batch to end" });
      expect(await ledger.read(id)).toMatchObject({ state: "cancelled", reason: "wrong folder" });
    } finally {
      await producer.close();
    }
  } finally {
    await stores.close();
    await closeRedis(redis);
    await folder.remove();
  }
});
