import { afterEach, expect, it } from "vitest";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
let redis: PrivateRedis;
afterEach(async () => {
  await engine.close();
  await redis.close();
});

it(
  "a call that Redis may have forgotten, and that is only recalled, reserves none of the budget",
  { timeout: 120_000 },
  async () => {
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      twin: { latencyMs: 300 },
      env: { DARKROOM_PRICES: '{"each-sense":{"eco":0.05,"max":0.05}}', DARKROOM_LANE_CONCURRENCY: "6" },
    });
    await engine.addPhotos(12);
    const id = await engine.submit({ maxCostUsd: 0.15, confirm: true });
    const isReady = async (): Promise<boolean> => (await engine.ledger.read(id))?.state === "awaiting_confirmation";
    await until(isReady, { what: "the batch to be read", timeoutMs: 30_000 });
    redis.kill("SIGKILL");
    await redis.restart();
    await until(async () => await isReady().catch(() => false), { what: "Redis to be back", timeoutMs: 30_000 });
    await postTo(engine, `/batches/${id}/confirm`);
    const isPaused = async (): Promise<boolean> => (await engine.ledger.read(id))?.pausedBy === "budget";
    await until(isPaused, { what: "the budget to pause the batch", timeoutMs: 60_000 });
    const paused = await engine.ledger.read(id);
    expect(paused).toMatchObject({ costUsd: 0.15, authorizedUsd: 0 });
    expect(paused?.reason).toContain("takes 0.05 USD more;");
    expect(engine.twin.ledger().bills).toHaveLength(3);
    await postTo(engine, `/batches/${id}/resume`, { maxCostUsd: 0.6 });
    expect(await engine.ended(id)).toMatchObject({ state: "completed", costUsd: 0.6 });
  },
);
