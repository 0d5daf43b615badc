import { afterEach, expect, it } from "vitest";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

/*
 * All of Redis is lost while portraits of a batch with a budget are at a provider that can be queried. Work in flight
 * is found in the provider's memory, and nothing is paid for in its place.
 */

const PORTRAITS = 12;
const PRICE_USD = 0.05;

let engine: Engine;
let redis: PrivateRedis;
afterEach(async () => {
  await engine.close();
  await redis.close();
});

async function start(maxCostUsd: number, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  redis = await startRedis();
  engine = await startEngine({
    redisUrl: redis.url,
    twin: { latencyMs: 1_500 },
    env: {
      DARKROOM_PRICES: `{"each-sense":{"eco":${PRICE_USD},"max":${PRICE_USD}}}`,
      DARKROOM_LANE_CONCURRENCY: "6",
      DARKROOM_DEADLINE_MS: "4000",
    },
  });
  await engine.addPhotos(PORTRAITS);
  return await engine.submit({ maxCostUsd, ...more });
}

const running = (): number => engine.twin.stats().running;
const paidUsd = (): number => Math.round(engine.twin.ledger().billed * PRICE_USD * 100) / 100;

async function loseRedis(): Promise<void> {
  await engine.redis.flushall();
}

async function recover(): Promise<void> {
  expect(await postTo(engine, "/recoveries", { destination: `${engine.root}out/` })).toMatchObject({
    batches: [{ kind: "recovered" }],
  });
}

async function untilPaused(batch: string): Promise<string> {
  const isPaused = async (): Promise<boolean> => (await engine.ledger.read(batch))?.pausedBy === "budget";
  await until(isPaused, { what: "the budget to pause the batch", timeoutMs: 60_000 });
  return (await engine.ledger.read(batch))?.reason ?? "";
}

it.each([
  ["have ended before the batch is recovered", true],
  ["still run when the batch is recovered", false],
])("a budget holds where calls that Redis forgot %s", { timeout: 120_000 }, async (_, areOver) => {
  const batch = await start(0.15);
  await until(() => running() === 3, { what: "three calls", timeoutMs: 30_000 });
  await loseRedis();
  if (areOver) await until(() => running() === 0, { what: "the provider to be done", timeoutMs: 30_000 });
  await recover();
  expect(await untilPaused(batch)).toMatch(
    /^the budget: 0\.15 of 0\.15 USD are spent, and to continue takes 0\.05 USD more;/,
  );
  expect(await engine.ledger.read(batch)).toMatchObject({ costUsd: 0.15, authorizedUsd: 0 });
  expect(paidUsd()).toBe(0.15);
  await postTo(engine, `/batches/${batch}/resume`, { maxCostUsd: 0.6 });
  expect(await engine.ended(batch)).toMatchObject({ state: "completed", costUsd: 0.6 });
  expect(paidUsd()).toBe(0.6);
});

it("a budget that pays for all that may be found and for more is spent at once", { timeout: 120_000 }, async () => {
  const batch = await start(PORTRAITS * PRICE_USD);
  await until(() => running() === 6, { what: "six calls", timeoutMs: 30_000 });
  await loseRedis();
  await recover();
  expect(await engine.ended(batch)).toMatchObject({ state: "completed", costUsd: 0.6 });
  expect(paidUsd()).toBe(0.6);
});

it("a pilot that is recovered with a full budget pays for its own portraits alone", { timeout: 120_000 }, async () => {
  const batch = await start(0.15, { pilot: 4 });
  await until(() => running() === 3, { what: "three calls", timeoutMs: 30_000 });
  await loseRedis();
  await recover();
  expect(await untilPaused(batch)).toContain("takes 0.05 USD more;");
  expect(paidUsd()).toBe(0.15);
  await postTo(engine, `/batches/${batch}/resume`, { maxCostUsd: 0.4 });
  const isAsked = async (): Promise<boolean> => (await engine.ledger.read(batch))?.state === "awaiting_approval";
  await until(isAsked, { what: "the pilot to end", timeoutMs: 30_000 });
  expect(await engine.ledger.read(batch)).toMatchObject({ costUsd: 0.2, counts: { succeeded: 4 } });
  expect(paidUsd()).toBe(0.2);
});
