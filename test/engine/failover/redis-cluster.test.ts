import { afterEach, describe, expect, it } from "vitest";
import type { Costs } from "@darkroom/core";
import { startCluster, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
let after: (() => Promise<void>) | undefined;
afterEach(async () => {
  await engine.close();
  await after?.();
  after = undefined;
});

async function onCluster(options: { readonly replicas?: boolean } = {}) {
  const cluster = await startCluster(options);
  after = () => cluster.close();
  engine = await startEngine({
    redisUrl: cluster.url,
    workers: 2,
    twin: { latencyMs: [50, 150] },
    env: { DARKROOM_LANE_CONCURRENCY: "40", DARKROOM_PRICES: '{"each-sense":{"eco":0.05}}' },
  });
  return cluster;
}

describe("a cluster of three nodes", () => {
  it("completes a batch of 300 exactly, each paid once", { timeout: 180_000 }, async () => {
    await onCluster();
    await engine.addPhotos(300);
    const batch = await engine.submit();
    const record = await engine.ended(batch, 120_000);
    expect(record.counts).toMatchObject({ total: 300, succeeded: 300 });
    expect(await engine.report(batch)).toHaveLength(300);
    expect(engine.twin.ledger().billed).toBe(300);
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
  });

  it("spreads batches over its nodes, and sums their costs by day", { timeout: 180_000 }, async () => {
    const cluster = await onCluster();
    await engine.addPhotos(60);
    const nodes = new Set<string>();
    const batches: string[] = [];
    while (nodes.size < 2) {
      const batch = await engine.submit({ destination: `${engine.root}out-${batches.length}/` });
      batches.push(batch);
      const slot = await engine.redis.cluster("KEYSLOT", `{${batch}}`);
      nodes.add(String(Math.floor(slot / Math.ceil(16_384 / cluster.masters.length))));
    }
    for (const batch of batches) {
      expect((await engine.ended(batch, 120_000)).counts).toMatchObject({ total: 60, succeeded: 60 });
    }
    const costs = (await (await fetch(`${engine.api.url}/v1/costs?simulated=true&by=batch`)).json()) as Costs;
    const spent = { costUsd: 3, lostUsd: 0, maybeUsd: 0 };
    expect(costs.rows).toEqual(batches.toSorted().map((name) => ({ name, ...spent })));
  });

  it(
    "loses one, whose replica takes over: the batches end, exact, and nothing is paid twice",
    { timeout: 300_000 },
    async () => {
      const cluster = await onCluster({ replicas: true });
      await engine.addPhotos(400);
      const batch = await engine.submit();
      await until(async () => ((await engine.ledger.read(batch))?.counts.succeeded ?? 0) > 100, {
        what: "a quarter of the batch",
        timeoutMs: 60_000,
      });
      // The node that stores the batch.
      const slot = await engine.redis.cluster("KEYSLOT", `{${batch}}`);
      process.kill(cluster.masters[Math.floor(slot / Math.ceil(16_384 / 3))]?.pid ?? 0, "SIGKILL");
      const record = await until(
        async () => {
          const now = await engine.ledger.read(batch);
          return now?.endedAt === undefined ? undefined : now;
        },
        { what: "the end of the batch", timeoutMs: 180_000 },
      );
      expect(record.counts).toMatchObject({ total: 400, succeeded: 400 });
      expect(await engine.report(batch)).toHaveLength(400);
      expect(engine.twin.ledger().doubleBilled).toEqual([]);
      expect(engine.twin.ledger().billed).toBe(400);
    },
  );
});
