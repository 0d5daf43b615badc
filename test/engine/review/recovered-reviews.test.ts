import { afterEach, expect, it } from "vitest";
import { batchKeys } from "@darkroom/core";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine.close();
  await redis?.close();
});

it(
  "decisions about an ended batch survive the loss of Redis, and cost nothing again",
  { timeout: 120_000 },
  async () => {
    redis = await startRedis();
    engine = await startEngine({ redisUrl: redis.url });
    await engine.addPhotos(5);
    const id = await engine.submit();
    await engine.ended(id);
    const path = `/batches/${id}/reviews`;
    await postTo(engine, path, { order: "approve", where: {} });
    await postTo(engine, path, { order: "reject", indexes: [2], note: "eyes closed" });
    await postTo(engine, path, { order: "undo", indexes: [4] });
    const paid = engine.twin.ledger().billed;
    await engine.redis.flushall();
    expect(await engine.ledger.read(id)).toBeUndefined();

    const { batches } = await postTo<{ batches: readonly { kind: string }[] }>(engine, "/recoveries", {
      destination: `${engine.root}out/`,
    });
    expect(batches).toMatchObject([{ batchId: id, kind: "recovered", total: 5, ended: 5 }]);
    const record = await until(
      async () => {
        const found = await engine.ledger.read(id);
        return found?.state === "completed" ? found : undefined;
      },
      { what: "the batch to end again" },
    );
    expect(record.review).toEqual({ revision: 3, approved: 3, rejected: 1 });
    const portrait = await fetch(`${engine.api.url}/v1/batches/${id}/portraits/2`);
    expect(await portrait.json()).toMatchObject({ review: { state: "rejected", note: "eyes closed", line: 2 } });
    expect(engine.twin.ledger().billed).toBe(paid);
    expect(await postTo(engine, path, { order: "approve", indexes: [4] })).toMatchObject({ review: { revision: 4 } });
  },
);

it("a batch that was cleaned up keeps its log, and is not rebuilt", { timeout: 60_000 }, async () => {
  engine = await startEngine();
  await engine.addPhotos(2);
  const id = await engine.submit();
  await engine.ended(id);
  await postTo(engine, `/batches/${id}/reviews`, { order: "approve", where: {} });
  const cleaned = await fetch(`${engine.api.url}/v1/batches/${id}`, { method: "DELETE" });
  expect(cleaned.status).toBe(200);
  const kept: string[] = [];
  for await (const { key } of engine.results.list({ prefix: batchKeys(id).reviewsPrefix })) kept.push(key);
  expect(kept).toHaveLength(1);
  const { batches } = await postTo<{ batches: readonly object[] }>(engine, "/recoveries", {
    destination: `${engine.root}out/`,
  });
  expect(batches).toEqual([{ batchId: id, kind: "ended" }]);
});
