import { afterEach, expect, it } from "vitest";
import { sharedKeys } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

it("finds and ends a batch that is missing from the list of active batches", { timeout: 60_000 }, async () => {
  engine = await startEngine({ producer: false });
  await engine.addPhotos(3);
  const batch = await engine.submit();
  // The state after a failover to a Redis that did not have the batch yet.
  const { active } = sharedKeys(engine.settings.redis.namespace);
  expect(await engine.redis.srem(active, batch)).toBe(1);
  await engine.spawnProducer();
  expect((await engine.ended(batch)).counts).toMatchObject({ total: 3, succeeded: 3 });
  // An ended batch stays ended.
  await until(async () => (await engine.ledger.activeBatches()).length === 0, { what: "the batch to be off the list" });
  expect(await engine.ledger.adoptForgotten()).toEqual([]);
});
