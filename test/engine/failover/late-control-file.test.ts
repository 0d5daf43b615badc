import { afterEach, expect, it } from "vitest";
import { batchKeys } from "@darkroom/core";
import { startRedis, testS3, until, type PrivateRedis } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHoldingFront } from "../kit/holding-front.ts";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
let redis: PrivateRedis | undefined;
let front: Awaited<ReturnType<typeof startHoldingFront>> | undefined;
afterEach(async () => {
  await engine.close();
  await front?.close();
  await redis?.close();
});

it("a late write of a frozen producer never overrides newer decisions", { timeout: 120_000 }, async () => {
  redis = await startRedis();
  front = await startHoldingFront();
  front.passTo(testS3().endpoint);
  engine = await startEngine({ redisUrl: redis.url, store: "s3", workers: 0, producer: false });
  await engine.addPhotos(20);
  await engine.spawnProducer({ AWS_ENDPOINT_URL_S3: front.url });
  const id = await engine.submit();
  const untilStored = async (revision: number): Promise<void> => {
    const isStored = async () => (await engine.ledger.read(id))?.storedRevision === revision;
    await until(isStored, { what: `revision ${revision} to be stored`, timeoutMs: 30_000 });
  };
  await until(async () => (await engine.ledger.read(id))?.ingested === true, { what: "the source to be read" });
  await postTo(engine, `/batches/${id}/pause`, { reason: "first" });
  await untilStored(1);
  front.hold((asked) => asked.startsWith("PUT ") && asked.includes("/control/"));
  await postTo(engine, `/batches/${id}/resume`);
  await until(() => front?.held().length === 1, { what: "the first producer to be in its put" });
  await engine.spawnProducer();
  await postTo(engine, `/batches/${id}/pause`, { reason: "STOP SPENDING" });
  await untilStored(3);
  front.release();
  const { control } = batchKeys(id);
  await until(async () => (await engine.results.head(control(2))) !== undefined, { what: "the late put" });

  await engine.redis.flushall();
  expect(await postTo(engine, "/recoveries", { destination: `${engine.root}out/` })).toMatchObject({
    batches: [{ batchId: id, kind: "recovered" }],
  });
  expect(await engine.ledger.read(id)).toMatchObject({ state: "paused", reason: "STOP SPENDING" });
});
