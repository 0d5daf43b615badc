import { afterAll, expect, test } from "vitest";
import { newBatchId, resolveRecipe, withAnswer, type BatchSpec } from "@darkroom/core";
import { Ledger } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import { BatchCache } from "./batch-cache.ts";

const redis = connectRedis({ url: testRedisUrl(), name: "batch-cache-test", onError: () => undefined });
const ledger = new Ledger(redis, testNamespace());
afterAll(() => closeRedis(redis));

test("an answer of a later round is known to portraits of the first one as soon as the batch is in that round", async () => {
  const recipe = resolveRecipe({ preset: "skin-smoothing", mode: "eco" });
  const spec: BatchSpec = {
    id: newBatchId(),
    createdAt: new Date().toISOString(),
    source: { kind: "prefix", url: "s3://bucket/in/" },
    destination: { url: "s3://bucket/out/" },
    recipe,
    lane: "each-sense",
  };
  await ledger.create(spec);
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows: 1, rejected: [], end: {} });
  const batches = new BatchCache(ledger);
  expect(await batches.recipe(spec.id, 0, 0)).toEqual(recipe);
  const told = withAnswer({ ...recipe, mode: "max" }, "Natural.");
  await ledger.control.beginRound(spec.id, { at: 1, codes: ["needs_clarification"], recipe: told });
  expect(await batches.recipe(spec.id, 0, 1)).toEqual(withAnswer(recipe, "Natural."));
  expect(await batches.recipe(spec.id, 1, 1)).toEqual(told);
});
