import { afterAll, expect, test, vi } from "vitest";
import { BATCH_FORMAT, newBatchId, resolveRecipe, withAnswer, type BatchSpec } from "@darkroom/core";
import { batchLedgerKeys, Ledger } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import { BatchCache } from "./batch-cache.ts";

const redis = connectRedis({ url: testRedisUrl(), name: "batch-cache-test", onError: () => undefined });
const namespace = testNamespace();
const ledger = new Ledger(redis, namespace);
afterAll(() => closeRedis(redis));

const recipe = resolveRecipe({ preset: "skin-smoothing", mode: "eco" });

async function acceptedBatch(): Promise<string> {
  const spec: BatchSpec = {
    format: BATCH_FORMAT,
    id: newBatchId(),
    createdAt: new Date().toISOString(),
    source: { kind: "prefix", url: "s3://bucket/in/" },
    destination: { url: "s3://bucket/out/" },
    recipe,
    lane: "each-sense",
    prices: {},
  };
  await ledger.create(spec);
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows: 1, rejected: [], end: {} });
  return spec.id;
}

test("serves an answer of a later round to portraits of the first one as soon as the batch is in that round", async () => {
  const id = await acceptedBatch();
  const batches = new BatchCache(ledger, { since: () => Promise.resolve(0) });
  expect(await batches.recipe(id, 0, 0)).toEqual(recipe);
  const told = withAnswer({ ...recipe, mode: "max" }, "Natural.");
  await ledger.control.beginRound(id, { at: 1, codes: ["needs_clarification"], recipe: told });
  expect(await batches.recipe(id, 0, 1)).toEqual(withAnswer(recipe, "Natural."));
  expect(await batches.recipe(id, 1, 1)).toEqual(told);
});

test("shares one recipe, read once, between portraits that start together", async () => {
  const id = await acceptedBatch();
  const read = vi.spyOn(ledger, "read");
  const batches = new BatchCache(ledger, { since: () => Promise.resolve(0) });
  const begin = async (): Promise<unknown> => {
    await batches.spec(id);
    return await batches.recipe(id, 0, 0);
  };
  const recipes = await Promise.all(Array.from({ length: 20 }, begin));
  expect(new Set(recipes).size).toBe(1);
  expect(read).toHaveBeenCalledTimes(1);
  read.mockRestore();
});

test("does not use the recipe of a forgotten round for the one that now has its number", async () => {
  const id = await acceptedBatch();
  let run = 0;
  const batches = new BatchCache(ledger, { since: () => Promise.resolve(run) });
  const [forgotten, present] = [
    { ...recipe, intensity: "dramatic" as const },
    { ...recipe, mode: "max" as const },
  ];
  await ledger.control.beginRound(id, { at: 1, codes: ["no_face"], recipe: forgotten });
  expect(await batches.recipe(id, 1, 1)).toEqual(forgotten);
  const { meta } = batchLedgerKeys(namespace, id);
  await redis.hset(meta, "round", "0");
  await redis.hdel(meta, "round:1", "opened:1", "reopening");
  run = 2;
  await ledger.control.beginRound(id, { at: 3, codes: ["no_face"], recipe: present });
  expect(await batches.recipe(id, 1, 1)).toEqual(present);
});
