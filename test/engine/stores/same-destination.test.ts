import { afterEach, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

it("two batches with the same photos and destination pay once", { timeout: 180_000 }, async () => {
  engine = await startEngine({ workers: 0, twin: { latencyMs: 300 }, env: { DARKROOM_LANE_CONCURRENCY: "10" } });
  await Promise.all([engine.spawnWorker(), engine.spawnWorker()]);
  await engine.addPhotos(60);
  const ids = [await engine.submit(), await engine.submit()];
  const ends = await Promise.all(ids.map(async (id) => await engine.ended(id, 120_000)));
  const sum = (state: "succeeded" | "skipped") => ends.reduce((all, { counts }) => all + counts[state], 0);
  expect([sum("succeeded"), sum("skipped")]).toEqual([60, 60]);
  expect(engine.twin.ledger().billed).toBe(60);
  await until(async () => (await engine.redis.keys(`${engine.settings.redis.namespace}:{owned}:*`)).length === 0, {
    what: "no result to be owned",
  });
});

it(
  "a batch into another's folder waits for that batch's paid and paused portraits, and reports so",
  { timeout: 90_000 },
  async () => {
    // The first call is paid, its answer is cut off, and the provider does not remember it.
    engine = await startEngine({
      twin: { faults: [{ match: { call: 1 }, fault: "memory_lost" }] },
    });
    await engine.addPhotos(1, () => "team/ada.jpg");
    const first = await engine.submit();
    await until(async () => (await engine.ledger.read(first))?.counts.retrying === 1, { what: "the cut call" });
    await engine.ledger.control.pause(first, "lunch");
    const second = await engine.submit({ source: `${engine.root}in/team/`, destination: `${engine.root}out/team/` });
    const waiting = async () => await (await fetch(`${engine.api.url}/v1/batches/${second}`)).text();
    await until(async () => (await waiting()).includes("other_batch"), { what: "the wait to be told" });
    expect(await waiting()).toContain(first);
    expect(engine.twin.ledger().calls).toHaveProperty(Object.keys(engine.twin.ledger().calls)[0] ?? "none");
    // A cancelled batch that waits releases the result.
    await engine.ledger.control.cancel(first, "enough");
    await engine.ended(first);
    await engine.ledger.control.cancel(second, "seen enough");
    expect((await engine.ended(second)).counts).toMatchObject({ cancelled: 1 });
  },
);
