import { afterEach, expect, it } from "vitest";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

/*
 * Redis is lost completely during every call, several times, and the batch is recovered from the object store each
 * time. Attempts start over with each loss. Tests the bound in `docs/failure-modes.md`.
 */

const PORTRAITS = 3;
const LOSSES = 3;

let engine: Engine;
let redis: PrivateRedis;
afterEach(async () => {
  await engine.close();
  await redis.close();
});

async function recover(): Promise<void> {
  const body = { destination: `${engine.root}out/` };
  const { batches } = await postTo<{ batches: readonly { readonly kind: string }[] }>(engine, "/recoveries", body);
  expect(batches).toMatchObject([{ kind: "recovered" }]);
}

it.each([
  ["each-sense", PORTRAITS, "yes"],
  ["phota", PORTRAITS * (LOSSES + 1), "maybe"],
] as const)(
  "repeated losses of all of Redis cost %s %i calls for 3 portraits in flight at 3 losses, and say billed: %s",
  { timeout: 180_000 },
  async (provider, mostBills, billed) => {
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      phota: true,
      twin: { latencyMs: 1_500 },
      env: { DARKROOM_ATTEMPTS: "2", DARKROOM_BREAKER: "false" },
    });
    await engine.addPhotos(PORTRAITS);
    const batch = await engine.submit({ recipe: { provider, preset: "professional-polish", mode: "eco" } });
    const { twin } = engine;
    for (let loss = 0; loss < LOSSES; loss += 1) {
      // Portraits whose pictures are in the provider's memory are not called again.
      await until(() => twin.stats().running === PORTRAITS || (loss > 0 && provider === "each-sense"), {
        what: `every portrait's call before loss ${loss}`,
        timeoutMs: 60_000,
      });
      await engine.redis.flushall();
      await until(() => twin.stats().running === 0, { what: "the provider to be done", timeoutMs: 30_000 });
      await recover();
    }
    const record = await engine.ended(batch, 120_000);
    expect(record.counts.succeeded).toBe(PORTRAITS);
    expect(twin.ledger().bills.length).toBeLessThanOrEqual(mostBills);
    for (const line of await engine.report(batch)) expect(line).toMatchObject({ outcome: "ok", billed });
  },
);

it(
  "a budget holds over repeated losses of all of Redis, at a provider without a memory",
  { timeout: 180_000 },
  async () => {
    const [priceUsd, maxCostUsd] = [0.1, 0.45];
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      phota: true,
      twin: { latencyMs: 1_500 },
      env: { DARKROOM_PRICES: `{"phota":{"image":${priceUsd}}}` },
    });
    await engine.addPhotos(PORTRAITS);
    const batch = await engine.submit({ recipe: { provider: "phota", preset: "professional-polish" }, maxCostUsd });
    const { twin } = engine;
    const isPaused = async (): Promise<boolean> => (await engine.ledger.read(batch))?.pausedBy === "budget";
    await until(() => twin.stats().running === PORTRAITS, { what: "every portrait's call", timeoutMs: 60_000 });
    for (let loss = 0; loss < LOSSES; loss += 1) {
      await engine.redis.flushall();
      await until(() => twin.stats().running === 0, { what: "the provider to be done", timeoutMs: 30_000 });
      await recover();
      await until(async () => twin.stats().running > 0 || (await isPaused()), { what: "a call", timeoutMs: 60_000 });
    }
    await until(isPaused, { what: "the budget to pause the batch", timeoutMs: 60_000 });
    await until(() => twin.stats().running === 0, { what: "the provider to be done", timeoutMs: 30_000 });
    expect(twin.ledger().billed * priceUsd).toBeLessThanOrEqual(maxCostUsd);
  },
);
