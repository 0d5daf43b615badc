import { afterEach, expect, it } from "vitest";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startEngine, type Engine } from "./engine.ts";

let engine: Engine | undefined;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine?.close();
  await redis?.close();
  [engine, redis] = [undefined, undefined];
});

it(
  "leaves nothing with the provider of portraits that were with it when Redis was emptied",
  { timeout: 120_000 },
  async () => {
    redis = await startRedis();
    const on = await startEngine({
      redisUrl: redis.url,
      twin: { latencyMs: 60 },
      env: { DARKROOM_LANE_CONCURRENCY: "20" },
    });
    engine = on;
    await on.addPhotos(120);
    const batchId = await on.submit();
    await on.settledAtLeast(batchId, 40);
    await on.redis.flushall();
    await until(() => on.twin.stats().openStreams === 0, { what: "the calls to end", timeoutMs: 30_000 });
    expect(on.twin.stats().sessions).toBeGreaterThan(0);
    await fetch(`${on.api.url}/v1/recoveries`, {
      method: "POST",
      body: JSON.stringify({ destination: `${on.root}out/` }),
      headers: { "content-type": "application/json" },
    });
    const { counts } = await on.ended(batchId, 60_000);
    expect(counts).toMatchObject({ total: 120, succeeded: 120 });
    expect(on.twin.ledger().billed).toBe(120);
    await until(() => on.twin.stats().sessions === 0, { what: "every session to be cleared", timeoutMs: 10_000 });
  },
);
