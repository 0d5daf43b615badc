import { afterEach, describe, expect, it } from "vitest";
import { batchLedgerKeys } from "@darkroom/ledger";
import { deadlyFiles, superviseWorkers } from "../kit/deadly-portraits.ts";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

const FAST_TAKEOVER = { DARKROOM_LOCK_MS: "2000" };

async function expectNoDeathsLeft(batch: string): Promise<void> {
  const { deaths } = batchLedgerKeys(engine.settings.redis.namespace, batch);
  expect(await engine.redis.exists(deaths)).toBe(0);
}

describe("a photo that kills processes", () => {
  it("fails after two workers, and its neighbours are delivered", { timeout: 240_000 }, async () => {
    engine = await startEngine({
      workers: 0,
      twin: { latencyMs: 3_000 },
      env: { ...FAST_TAKEOVER, DARKROOM_LANE_CONCURRENCY: "4" },
    });
    await engine.addPhotos(8, (index) => (index === 1 ? "b-deadly.jpg" : `${"abcdefgh"[index]}.jpg`));
    const batch = await engine.submit();
    const { record, deaths } = await superviseWorkers(engine, batch, deadlyFiles(), 200_000);
    expect(deaths).toBe(2);
    expect(record.failures).toEqual({ worker_died: 1 });
    expect(record.counts).toMatchObject({ total: 8, succeeded: 7, failed: 1 });
    const lines = await engine.report(batch);
    expect(lines.filter(({ id }) => id.includes("deadly"))).toMatchObject([
      { outcome: "worker_died", billed: "no", message: expect.stringContaining("died 3 times") },
    ]);
    expect(engine.twin.ledger().billed).toBe(7);
    await expectNoDeathsLeft(batch);
  });

  it("costs its neighbours no more than their attempts at a provider that forgets", { timeout: 240_000 }, async () => {
    const attempts = 3;
    engine = await startEngine({
      workers: 0,
      phota: true,
      twin: { latencyMs: 3_000 },
      env: { ...FAST_TAKEOVER, DARKROOM_LANE_CONCURRENCY: "8", DARKROOM_ATTEMPTS: String(attempts) },
    });
    await engine.addPhotos(5, (index) => (index === 3 ? "a-deadly.jpg" : `p${index}.jpg`));
    const batch = await engine.submit({ recipe: { preset: "professional-polish", mode: "eco", provider: "phota" } });
    const { record, deaths } = await superviseWorkers(engine, batch, deadlyFiles(700), 200_000);
    expect(deaths).toBe(2);
    expect(record.counts).toMatchObject({ total: 5, succeeded: 4, failed: 1 });
    expect(engine.twin.ledger().billed).toBeLessThanOrEqual(5 * attempts);
    for (const calls of Object.values(engine.twin.ledger().calls)) expect(calls.length).toBeLessThanOrEqual(attempts);
    await expectNoDeathsLeft(batch);
  });
});
