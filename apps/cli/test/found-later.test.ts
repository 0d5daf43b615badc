import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { testRedisUrl, until } from "@darkroom/testkit";
import { startTwin } from "@darkroom/twin";
import { startEngine, type Engine } from "./engine.ts";
import { startHoldingRedis } from "./holding-redis.ts";
import { startHttpFront } from "./http-front.ts";
import { settling } from "./kill-at.ts";
import { postTo } from "./post-to.ts";

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await engine?.close();
  for (const stop of stops.splice(0).reverse()) await stop();
});

const PRICE_USD = 0.05;

it("a lost picture that a retry finds is booked once, also where the worker dies before it has ended the portrait", async () => {
  let isDown = true;
  const twin = await startTwin({ latencyMs: 5, work: "light" });
  stops.push(() => twin.close());
  const front = await startHttpFront(twin.url, {
    answers: ({ url = "/" }, response) => {
      if (!isDown || !url.startsWith("/cdn/")) return false;
      response.writeHead(404).end();
      return true;
    },
  });
  stops.push(() => front.close());
  const redis = await startHoldingRedis(testRedisUrl(), { at: settling, carriedOut: false });
  stops.push(() => redis.close());
  engine = await startEngine({
    workers: 0,
    env: {
      EACHLABS_BASE_URL: front.url,
      EACHLABS_API_KEY: twin.apiKey,
      DARKROOM_PRICES: `{"each-sense":{"eco":${PRICE_USD},"max":0.2}}`,
      DARKROOM_LOCK_MS: "1000",
    },
  });
  await engine.addPhotos(1);
  const victim = await engine.spawnWorker({ REDIS_URL: redis.url });
  const id = await engine.submit();
  expect(await engine.ended(id)).toMatchObject({ failures: { result_unavailable: 1 }, lostUsd: PRICE_USD });
  isDown = false;
  await postTo(engine, `/batches/${id}/retry`);
  await redis.held;
  const gone = once(victim, "exit");
  victim.kill("SIGKILL");
  await gone;
  await engine.spawnWorker();
  await until(async () => (await engine.ledger.read(id))?.counts.succeeded === 1, {
    what: "another worker to end it",
    timeoutMs: 60_000,
  });
  const record = await engine.ended(id);
  expect(record).toMatchObject({ costUsd: PRICE_USD, lostUsd: 0 });
  expect(twin.ledger().billed).toBe(1);
  expect(await engine.report(id)).toMatchObject([{ outcome: "ok", billed: "yes", costUsd: PRICE_USD, lostUsd: 0 }]);
}, 120_000);
