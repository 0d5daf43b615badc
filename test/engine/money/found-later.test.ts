import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { testRedisUrl, testS3, until } from "@darkroom/testkit";
import { startTwin } from "@darkroom/twin";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHoldingRedis } from "../kit/holding-redis.ts";
import { startHttpFront } from "@darkroom/testkit";
import { settling } from "../kit/kill-at.ts";
import { postTo } from "../kit/post-to.ts";
import { startRefusingFront } from "@darkroom/testkit";

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await engine?.close();
  for (const stop of stops.splice(0).reverse()) await stop();
});

const PRICE_USD = 0.05;

it("books a lost picture that a retry finds once, even if the worker dies before it has ended the portrait", async () => {
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

describe("a paid picture of a portrait that ended without it for another reason", () => {
  const env = { DARKROOM_PRICES: `{"each-sense":{"eco":${PRICE_USD},"max":0.2}}` };

  it("is stored by a retry and not paid again if its key refused writes", async () => {
    let isDenied = true;
    const store = await startHttpFront(testS3().endpoint, {
      answers: ({ method, url = "" }, response) => {
        if (!isDenied || method !== "PUT" || !url.includes("/out/p00000.jpg")) return false;
        response.writeHead(403, { "content-type": "application/xml" });
        response.end("<Error><Code>AccessDenied</Code><Message>not this one</Message></Error>");
        return true;
      },
    });
    stops.push(() => store.close());
    engine = await startEngine({ workers: 0, store: "s3", env });
    await engine.spawnWorker({ AWS_ENDPOINT_URL_S3: store.url });
    await engine.addPhotos(2);
    const id = await engine.submit();
    expect(await engine.ended(id)).toMatchObject({ failures: { storage_error: 1 }, lostUsd: PRICE_USD });
    isDenied = false;
    await postTo(engine, `/batches/${id}/retry`);
    await until(async () => (await engine.ledger.read(id))?.counts.succeeded === 2, { what: "the retry to deliver" });
    expect(await engine.ended(id)).toMatchObject({ costUsd: 2 * PRICE_USD, lostUsd: 0 });
    expect(engine.twin.ledger().billed).toBe(2);
  }, 90_000);

  it("is stored by a retry and not paid again if its batch was cancelled meanwhile", async () => {
    const twin = await startTwin({ latencyMs: 5, work: "light" });
    stops.push(() => twin.close());
    const front = await startRefusingFront(twin.url);
    stops.push(() => front.close());
    engine = await startEngine({ env: { ...env, EACHLABS_BASE_URL: front.url, EACHLABS_API_KEY: twin.apiKey } });
    await engine.addPhotos(1);
    front.refuse(503, "GET /cdn/");
    const id = await engine.submit();
    await until(() => front.refused.length > 0, { what: "the download", timeoutMs: 30_000 });
    await postTo(engine, `/batches/${id}/cancel`);
    expect(await engine.ended(id)).toMatchObject({ failures: { cancelled_in_flight: 1 }, lostUsd: PRICE_USD });
    front.pass();
    await postTo(engine, `/batches/${id}/retry`);
    await until(async () => (await engine.ledger.read(id))?.counts.succeeded === 1, { what: "the retry to deliver" });
    expect(await engine.ended(id)).toMatchObject({ costUsd: PRICE_USD, lostUsd: 0 });
    expect(twin.ledger().billed).toBe(1);
  }, 90_000);
});
