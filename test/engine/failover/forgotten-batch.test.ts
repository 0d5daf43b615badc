import { afterEach, expect, it } from "vitest";
import { sharedKeys } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

it("a batch that is on no producer's list is found and ended", { timeout: 60_000 }, async () => {
  engine = await startEngine({ producer: false });
  await engine.addPhotos(3);
  const batch = await engine.submit();
  // As in a Redis that followed another before it knew this.
  const { active } = sharedKeys(engine.settings.redis.namespace);
  expect(await engine.redis.srem(active, batch)).toBe(1);
  await engine.spawnProducer();
  expect((await engine.ended(batch)).counts).toMatchObject({ total: 3, succeeded: 3 });
  // One that has ended stays ended.
  await until(async () => (await engine.ledger.activeBatches()).length === 0, { what: "the batch to be off the list" });
  expect(await engine.ledger.adoptForgotten()).toEqual([]);
});
