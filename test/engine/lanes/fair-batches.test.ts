import { afterEach, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

const BATCHES = 10;

it("small batches end roughly in order of arrival", { timeout: 120_000 }, async () => {
  engine = await startEngine({ twin: { latencyMs: 150 }, env: { DARKROOM_LANE_CONCURRENCY: "4" } });
  await engine.addPhotos(20);
  const ids: string[] = [];
  for (let place = 0; place < BATCHES; place += 1) {
    const id = await engine.submit({ destination: `${engine.root}out/${place}/` });
    ids.push(id);
    await until(async () => (await engine.ledger.read(id))?.ingested === true, { what: `batch ${place} to be read` });
  }
  const ends = await Promise.all(ids.map(async (id) => (await engine.ended(id, 90_000)).endedAt ?? 0));
  const order = ends.map((end, place) => ({ end, place })).sort((a, b) => a.end - b.end);
  // Consecutive batches share the lane for a while, and their reports are written at the same time.
  for (const [at, { place }] of order.entries()) expect(Math.abs(at - place), JSON.stringify(order)).toBeLessThan(3);
});
