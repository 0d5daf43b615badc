import { afterEach, describe, expect, it } from "vitest";
import { startCluster, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "./engine.ts";

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
    env: { DARKROOM_LANE_CONCURRENCY: "40" },
  });
  return cluster;
}

describe("a cluster of three nodes", () => {
  it("takes a batch of 1,000 to its end, exact, and each is paid once", { timeout: 180_000 }, async () => {
    await onCluster();
    await engine.addPhotos(1_000);
    const batch = await engine.submit();
    const record = await engine.ended(batch, 120_000);
    expect(record.counts).toMatchObject({ total: 1_000, succeeded: 1_000 });
    expect(await engine.report(batch)).toHaveLength(1_000);
    expect(engine.twin.ledger().billed).toBe(1_000);
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
  });
});
