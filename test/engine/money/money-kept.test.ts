import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { batchKeys, type Submission } from "@darkroom/core";
import { Lane } from "@darkroom/lanes";
import { startHttpFront, startRefusingFront, testS3, until } from "@darkroom/testkit";
import { startTwin } from "@darkroom/twin";
import { postTo } from "../kit/post-to.ts";
import { startEngine, type Engine } from "../kit/engine.ts";

const RECIPE: Submission["recipe"] = { provider: "phota", preset: "professional-polish" };
const PRICES = { DARKROOM_PRICES: '{"phota":{"image":0.1}}' };
const TIMEOUT = { timeout: 90_000 };

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await engine.close();
});

/** Opens the lane of that name, for reading or blocking it. */
function openLane(name: string): Lane {
  const { namespace } = engine.settings.redis;
  const connection = { redisUrl: engine.env["REDIS_URL"] ?? "", access: {}, namespace, onError: () => undefined };
  const lane = new Lane(connection, engine.redis, name, { firstProbeMs: 200 });
  stops.push(() => lane.close());
  return lane;
}

const billed = (): number => engine.twin.ledger().billed;

describe("a picture within the answer that cannot be stored at its key", () => {
  const BYTES = { ...PRICES, PHOTA_RESPONSE_MODE: "bytes" };
  const keptOf = async (batch: string): Promise<readonly string[]> => {
    const keys: string[] = [];
    for await (const { key } of engine.results.list({ prefix: `${batchKeys(batch).base}kept/` })) keys.push(key);
    return keys;
  };

  it("is kept when its portrait ends, and a retry stores it without paying", TIMEOUT, async () => {
    engine = await startEngine({ phota: true, env: BYTES, twin: { latencyMs: 2_000 } });
    await engine.addPhotos(1);
    const batch = await engine.submit({ recipe: RECIPE });
    const isCalled = async () => (await engine.ledger.receipt(batch, 0))?.firstIntentAt !== undefined;
    await until(isCalled, { what: "the call" });
    // Creates a folder at the result's key while the provider works, which no retry overcomes.
    const folder = new URL(`${engine.root}out/p00000.jpg/`);
    await mkdir(new URL("x/", folder), { recursive: true });
    expect(await engine.ended(batch)).toMatchObject({ costUsd: 0, lostUsd: 0.1, maybeUsd: 0 });
    const [kept = ""] = await keptOf(batch);
    const [failed] = await engine.report(batch);
    expect(failed).toMatchObject({ outcome: "storage_error", billed: "yes", undelivered: [`main: ${kept}`] });
    await rm(folder, { recursive: true });
    await postTo(engine, `/batches/${batch}/retry`);
    expect(await engine.ended(batch)).toMatchObject({ costUsd: 0.1, lostUsd: 0, maybeUsd: 0 });
    expect((await engine.report(batch)).at(-1)).toMatchObject({ outcome: "ok", undelivered: [] });
    expect(await engine.results.head("p00000.jpg")).toBeDefined();
    expect(await keptOf(batch)).toEqual([]);
    expect(billed()).toBe(1);
  });

  it("outlives its worker, and is stored once its key accepts it", TIMEOUT, async () => {
    let isRefused = true;
    const store = await startHttpFront(testS3().endpoint, {
      answers: ({ method, url = "" }, response) => {
        if (!isRefused || method !== "PUT" || !url.includes("/out/p00000.jpg")) return false;
        response.writeHead(503).end();
        return true;
      },
    });
    stops.push(() => store.close());
    engine = await startEngine({ phota: true, store: "s3", workers: 0, env: BYTES });
    await engine.addPhotos(1);
    const worker = await engine.spawnWorker({ AWS_ENDPOINT_URL_S3: store.url });
    const batch = await engine.submit({ recipe: RECIPE });
    const isKept = async (): Promise<boolean> =>
      (await engine.ledger.receipt(batch, 0))?.calls[0]?.outputs?.urls[0]?.startsWith("kept:") === true;
    await until(isKept, { what: "the picture to be kept", timeoutMs: 30_000 });
    const gone = once(worker, "exit");
    worker.kill("SIGKILL");
    await gone;
    isRefused = false;
    await engine.spawnWorker();
    expect(await engine.ended(batch, 60_000)).toMatchObject({ costUsd: 0.1, lostUsd: 0, maybeUsd: 0 });
    expect(await engine.report(batch)).toMatchObject([{ outcome: "ok", billed: "yes", attempts: 1, undelivered: [] }]);
    expect(await keptOf(batch)).toEqual([]);
    expect(billed()).toBe(1);
  });

  it.each(["urls", "bytes"])("is reported and kept if it is a variation, by %s", TIMEOUT, async (responseMode) => {
    const store = await startHttpFront(testS3().endpoint, {
      answers: ({ method, url = "" }, response) => {
        if (method !== "PUT" || !url.includes("/out/p00000-2.jpg")) return false;
        response.writeHead(403, { "content-type": "application/xml" });
        response.end("<Error><Code>AccessDenied</Code><Message>refused by this test</Message></Error>");
        return true;
      },
    });
    stops.push(() => store.close());
    const env = { ...PRICES, PHOTA_RESPONSE_MODE: responseMode };
    engine = await startEngine({ phota: true, store: "s3", workers: 0, env });
    await engine.addPhotos(1);
    await engine.spawnWorker({ AWS_ENDPOINT_URL_S3: store.url });
    const batch = await engine.submit({ recipe: { ...RECIPE, output: { variations: 2 } } });
    await engine.ended(batch);
    const [kept = ""] = await keptOf(batch);
    expect(await engine.report(batch)).toMatchObject([
      {
        outcome: "ok",
        variations: [],
        undelivered: [`variation-2: ${kept}`],
        warnings: [expect.stringContaining("variation-2 was not stored") as string],
      },
    ]);
    expect(await engine.results.head(kept)).toMatchObject({ contentType: "image/jpeg" });
  });
});

describe("a paid picture that was seen long ago", () => {
  it.each([
    ["fails", 503, "50", 6_000],
    ["is not there", 404, "500", 4_000],
  ] as const)("is fetched although its link %s for a moment", TIMEOUT, async (_, status, baseMs, patienceMs) => {
    const twin = await startTwin({ latencyMs: 5, work: "light" });
    stops.push(() => twin.close());
    const front = await startRefusingFront(twin.url);
    stops.push(() => front.close());
    engine = await startEngine({
      workers: 0,
      env: {
        EACHLABS_BASE_URL: front.url,
        EACHLABS_API_KEY: twin.apiKey,
        DARKROOM_BACKOFF_BASE_MS: baseMs,
        DARKROOM_BACKOFF_CAP_MS: "1000",
        DARKROOM_GRACE_MS: "200",
      },
    });
    await engine.addPhotos(1);
    front.hold("GET /cdn/");
    const worker = await engine.spawnWorker();
    const batch = await engine.submit();
    await until(() => front.refused.length > 0, { what: "the download", timeoutMs: 30_000 });
    const gone = once(worker, "exit");
    worker.kill("SIGTERM");
    await gone;
    const { at: seenAt = 0 } = (await engine.ledger.receipt(batch, 0))?.calls[0]?.outputs ?? {};
    await until(() => Date.now() - seenAt > patienceMs, { what: "the patience to be over" });
    const before = front.refused.length;
    front.refuse(status, "GET /cdn/");
    await engine.spawnWorker();
    await until(() => front.refused.length > before, { what: "a download that fails", timeoutMs: 30_000 });
    front.pass();
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "ok", billed: "yes", attempts: 1 });
    expect(twin.ledger().bills.map(({ delivered }) => delivered)).toEqual([true]);
  });
});

describe("an outage with possibly paid calls, at a provider without a memory", () => {
  const outage = {
    phota: true,
    twin: { latencyMs: 20, faults: [{ match: {}, fault: "reset_after_accept" as const }] },
    env: { ...PRICES, DARKROOM_PROBE_MS: "100", DARKROOM_OUTAGE_FAILURES: "1", DARKROOM_ATTEMPTS: "3" },
  };

  it("blocks the lane and costs an attempt each time", TIMEOUT, async () => {
    engine = await startEngine(outage);
    await engine.addPhotos(1);
    const batch = await engine.submit({ recipe: RECIPE });
    const lane = openLane("twin-phota");
    await until(async () => (await lane.blocked())?.reason === "outage", { what: "the lane to be blocked" });
    const record = await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "provider_error", attempts: 3, billed: "maybe" });
    expect(record.maybeUsd).toBeCloseTo(0.3);
    expect(billed()).toBe(3);
  });

  it("never exceeds the budget, which pauses the batch until it is raised", TIMEOUT, async () => {
    engine = await startEngine(outage);
    await engine.addPhotos(1);
    const batch = await engine.submit({ recipe: RECIPE, maxCostUsd: 0.25 });
    const paused = async (): Promise<boolean> => (await engine.ledger.read(batch))?.state === "paused";
    await until(paused, { what: "the budget to be full", timeoutMs: 30_000 });
    expect(await engine.ledger.read(batch)).toMatchObject({ pausedBy: "budget", counts: { pending: 1 } });
    expect(billed()).toBe(2);
    expect(await engine.ledger.control.resume(batch)).toMatchObject({ state: "paused", budgetFull: true });
    engine.twin.faults.clear();
    await engine.ledger.control.resume(batch, 300_000);
    const record = await engine.ended(batch);
    expect(record.counts.succeeded).toBe(1);
    expect(record.costUsd + record.maybeUsd).toBeCloseTo(0.3);
    expect(billed()).toBe(3);
  });
});

/** Forwards requests to the simulator, except selected requests, which get status 500. */
async function startBreaker(isBroken: (path: string) => boolean) {
  const front = await startHttpFront(undefined, {
    answers: ({ url = "/" }, response) => {
      if (!isBroken(url)) return false;
      response.writeHead(500).end("{}");
      return true;
    },
  });
  stops.push(front.close);
  return front;
}

describe("a portrait whose memory at the provider cannot be read", () => {
  it("leaves a blocked lane to the others, whose probe unblocks it", TIMEOUT, async () => {
    let poisoned: string | undefined;
    let recalls = 0;
    const breaker = await startBreaker((path) => {
      const isBroken = poisoned !== undefined && path.startsWith("/memory") && path.includes(poisoned);
      if (isBroken) recalls += 1;
      return isBroken;
    });
    engine = await startEngine({
      env: { EACHLABS_BASE_URL: breaker.url, DARKROOM_PROBE_MS: "200" },
      twin: { latencyMs: 400, faults: [{ match: { portrait: "p00000", call: 1 }, fault: "cut_after_events" }] },
    });
    breaker.passTo(engine.twin.url);
    await engine.addPhotos(1);
    const first = await engine.submit();
    poisoned = first;
    await until(() => recalls >= 1, { what: "a look into the memory" });
    const lane = openLane("twin");
    await lane.block("balance", "top it up");
    const looked = recalls;
    await until(() => recalls >= looked + 3, { what: "the portrait to look again in the blocked lane" });
    // Large enough that the batch is not dispatched before the other one, as a small batch would be.
    await engine.addPhotos(101, (index) => `q${index}.jpg`);
    const others = await engine.submit({ destination: `${engine.root}others/` });
    await until(async () => (await lane.blocked()) === undefined, {
      what: "a probe that unblocks the lane",
      timeoutMs: 30_000,
    });
    poisoned = undefined;
    expect((await engine.ended(others)).counts.failed).toBe(0);
    const record = await engine.ended(first);
    expect(record.counts.succeeded).toBe(1);
    // The one attempt is the interrupted call, whose picture was found. Waiting in the blocked lane used no attempt.
    expect((await engine.report(first))[0]).toMatchObject({ attempts: 1, billed: "yes" });
  });
});

describe("a photo that is uploaded to the provider's storage", () => {
  it("is uploaded once, however long its call waits at the gate", TIMEOUT, async () => {
    engine = await startEngine({
      links: false,
      env: { DARKROOM_LANE_RATE_PER_MINUTE: "120", DARKROOM_LANE_CONCURRENCY: "12" },
    });
    await engine.addPhotos(12);
    const record = await engine.ended(await engine.submit());
    expect(record.counts.succeeded).toBe(12);
    expect(engine.twin.stats()).toMatchObject({ uploads: 12 });
    expect(billed()).toBe(12);
  });

  it("releases the gate when its upload fails", TIMEOUT, async () => {
    let failures = 0;
    const breaker = await startBreaker((path) => path.startsWith("/v1/upload") && (failures += 1) <= 2);
    engine = await startEngine({
      links: false,
      env: { EACHLABS_BASE_URL: breaker.url, DARKROOM_LANE_CONCURRENCY: "1" },
    });
    breaker.passTo(engine.twin.url);
    await engine.addPhotos(2);
    const record = await engine.ended(await engine.submit(), 15_000);
    expect(failures).toBeGreaterThan(2);
    expect(record.counts.succeeded).toBe(2);
    expect(billed()).toBe(2);
  });
});
