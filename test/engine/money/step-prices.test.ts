import { afterEach, describe, expect, it } from "vitest";
import {
  microRounded,
  type BatchStatus,
  type Costs,
  type Quote,
  type RecipeInput,
  type Submission,
} from "@darkroom/core";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startTwin, type LedgerSnapshot, type Twin } from "@darkroom/twin";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { intentOf, killAt } from "../kit/kill-at.ts";

/** Prices by the number of pictures per call, in USD. Two steps of one picture each and a last one of four cost 0.5. */
const BY_PICTURES: Readonly<Record<number, number>> = { 1: 0.1, 4: 0.3 };
const PORTRAIT_USD = 0.5;
const PRICES = { DARKROOM_PRICES: '{"each-sense":{"eco":0.05,"max":0.2},"phota":{"image":0.1,"images":{"4":0.3}}}' };
const STEPS: RecipeInput["steps"] = [
  { prompt: "Warmer light." },
  { prompt: "Softer skin." },
  { prompt: "A grey background." },
];
const RECIPE: Submission["recipe"] = { provider: "phota", steps: STEPS, output: { variations: 4 } };

let engine: Engine | undefined;
let phota: Twin | undefined;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine?.close();
  await phota?.close();
  await redis?.close();
  engine = undefined;
  phota = undefined;
  redis = undefined;
});

async function start(options: EngineOptions = {}): Promise<Engine> {
  const { twin, env } = options;
  engine = await startEngine({
    phota: true,
    ...options,
    twin: { latencyMs: 20, ...twin },
    env: { ...PRICES, ...env },
  });
  return engine;
}

async function call<T>({ api }: Engine, method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${api.url}/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  expect(response.ok, text).toBe(true);
  return JSON.parse(text) as T;
}

const statusOf = (on: Engine, id: string): Promise<BatchStatus> => call(on, "GET", `/batches/${id}`);

async function reaches(on: Engine, id: string, state: BatchStatus["state"]): Promise<BatchStatus> {
  await until(async () => (await statusOf(on, id)).state === state, {
    what: `the batch to be ${state}`,
    timeoutMs: 60_000,
  });
  return await statusOf(on, id);
}

/** Returns the number of pictures that each call was billed for, in order. */
const picturesOf = ({ bills }: LedgerSnapshot): readonly number[] => bills.map(({ pictures = 1 }) => pictures);

/** Returns the amount that the provider actually billed. */
function billedUsd(ledger: LedgerSnapshot): number {
  return microRounded(picturesOf(ledger).reduce((sum, pictures) => sum + (BY_PICTURES[pictures] ?? Number.NaN), 0));
}

describe.each(["urls", "bytes"])("three steps with four variations, answered with %s", (responseMode) => {
  it("are billed for 1 + 1 + 4 pictures, and quote, estimate, cost and report agree", async () => {
    const on = await start({ env: { PHOTA_RESPONSE_MODE: responseMode } });
    await on.addPhotos(2);
    const source = { source: `${on.root}in/`, destination: `${on.root}out/`, recipe: RECIPE };
    const quote = await call<Quote>(on, "POST", "/quotes", source);
    expect(quote.cost).toMatchObject({ usd: 2 * PORTRAIT_USD, message: null });
    const { id } = await call<BatchStatus>(on, "POST", "/batches", { ...source, confirm: true });
    const waiting = await reaches(on, id, "awaiting_confirmation");
    expect(waiting).toMatchObject({ estimatedCostUsd: 2 * PORTRAIT_USD, costUsd: 0 });
    await call(on, "POST", `/batches/${id}/confirm`);
    const record = await on.ended(id);
    const ledger = on.twin.ledger();
    expect(picturesOf(ledger).toSorted((a, b) => a - b)).toEqual([1, 1, 1, 1, 4, 4]);
    expect(billedUsd(ledger)).toBe(2 * PORTRAIT_USD);
    expect(record).toMatchObject({ costUsd: billedUsd(ledger), lostUsd: 0, maybeUsd: 0 });
    expect(await call<Costs>(on, "GET", "/costs?simulated=true&by=lane")).toMatchObject({
      rows: [{ name: "twin-phota", costUsd: billedUsd(ledger) }],
    });
    for (const line of await on.report(id)) {
      const name = line.id.replace(/\.jpg$/, "");
      expect(line).toMatchObject({
        outcome: "ok",
        billed: "yes",
        costUsd: PORTRAIT_USD,
        variations: [2, 3, 4].map((number) => `${name}-${number}.jpg`),
        warnings: [],
      });
    }
  });
});

describe.concurrent("a worker that is killed between the second of three steps and the third", () => {
  const recipe: RecipeInput = { provider: "phota", steps: STEPS, output: { variations: 4 } };
  const beforeThird = { when: "before the third step's intent", redis: { at: intentOf(2), carriedOut: false } };

  it("pays no step twice if links were answered, and costs what was billed", { timeout: 240_000 }, async () => {
    const { atDeath, ledger, record, line } = await killAt(beforeThird, recipe, PRICES);
    expect(picturesOf(atDeath)).toEqual([1, 1]);
    expect(picturesOf(ledger)).toEqual([1, 1, 4]);
    expect(ledger.doubleBilled).toEqual([]);
    expect(line).toMatchObject({ outcome: "ok", billed: "yes", costUsd: PORTRAIT_USD, lostUsd: 0, maybeUsd: 0 });
    expect(record).toMatchObject({ costUsd: billedUsd(ledger), lostUsd: 0, maybeUsd: 0 });
  });

  it("loses the pictures in its memory, each at its own price", { timeout: 240_000 }, async () => {
    const env = { ...PRICES, PHOTA_RESPONSE_MODE: "bytes" };
    const { ledger, record } = await killAt(beforeThird, recipe, env);
    expect(picturesOf(ledger)).toEqual([1, 1, 1, 1, 4]);
    expect(record).toMatchObject({ costUsd: PORTRAIT_USD, lostUsd: 0.2, maybeUsd: 0 });
    expect(billedUsd(ledger)).toBe(0.7);
  });

  it("may also have paid for the running call, at the price of four pictures", { timeout: 240_000 }, async () => {
    const { ledger, record } = await killAt(
      {
        when: "the third call is worked on",
        twin: { latencyMs: ({ call: number }) => (number === 3 ? 4_000 : 50) },
        reached: ({ twin }) => twin.stats().openStreams === 1 && Object.values(twin.ledger().calls).flat().length === 3,
      },
      recipe,
      PRICES,
    );
    expect(picturesOf(ledger)).toEqual([1, 1, 4, 4]);
    expect(record).toMatchObject({ costUsd: PORTRAIT_USD, lostUsd: 0, maybeUsd: 0.3 });
    expect(billedUsd(ledger)).toBe(0.8);
  });
});

describe("a batch that was rebuilt after Redis was lost", () => {
  it("may have paid for every step in flight, and reports so", { timeout: 90_000 }, async () => {
    redis = await startRedis();
    const on = await start({ redisUrl: redis.url, twin: { latencyMs: 400 } });
    await on.addPhotos(4);
    const id = await on.submit({ recipe: RECIPE });
    await until(() => on.twin.ledger().billed >= 8, { what: "two steps of each to be paid", timeoutMs: 30_000 });
    await on.redis.flushall();
    await until(() => on.twin.stats().running === 0, { what: "the calls to end", timeoutMs: 20_000 });
    const paidBefore = billedUsd(on.twin.ledger());
    await call(on, "POST", "/recoveries", { destination: `${on.root}out/` });
    const { costUsd, lostUsd, maybeUsd } = await on.ended(id);
    expect({ costUsd, lostUsd }).toEqual({ costUsd: 4 * PORTRAIT_USD, lostUsd: 0 });
    // The two forgotten steps of each portrait cost more than one call.
    expect(paidBefore).toBeGreaterThanOrEqual(0.8);
    expect(billedUsd(on.twin.ledger())).toBeGreaterThanOrEqual(costUsd + 0.8);
    expect(billedUsd(on.twin.ledger())).toBeLessThanOrEqual(costUsd + maybeUsd + 1e-9);
    expect(maybeUsd).toBe(4 * PORTRAIT_USD);
  });
});

describe("a budget", () => {
  it("just below the price of all portraits stops before the last one, and pays for the others", async () => {
    const on = await start();
    await on.addPhotos(4);
    const id = await on.submit({ recipe: RECIPE, maxCostUsd: 4 * PORTRAIT_USD - 0.01 });
    const paused = await reaches(on, id, "paused");
    expect(paused).toMatchObject({
      pausedBy: "budget",
      costUsd: 3 * PORTRAIT_USD,
      counts: { succeeded: 3, pending: 1 },
    });
    expect(billedUsd(on.twin.ledger())).toBe(3 * PORTRAIT_USD);
    await call(on, "POST", `/batches/${id}/resume`, { maxCostUsd: 4 * PORTRAIT_USD });
    expect((await on.ended(id)).costUsd).toBe(4 * PORTRAIT_USD);
    expect(billedUsd(on.twin.ledger())).toBe(4 * PORTRAIT_USD);
  });

  it("counts an unclear last step, although earlier steps have their pictures", async () => {
    const on = await start({ twin: { faults: [{ match: { call: 3 }, fault: "reset_after_accept" }] } });
    await on.addPhotos(1);
    const id = await on.submit({ recipe: RECIPE, maxCostUsd: PORTRAIT_USD + 0.29 });
    expect(await reaches(on, id, "paused")).toMatchObject({ pausedBy: "budget", counts: { pending: 1 } });
    // The interrupted call continues, and is billed when it ends.
    await until(() => on.twin.stats().running === 0, { what: "the provider to be done", timeoutMs: 20_000 });
    expect(picturesOf(on.twin.ledger())).toEqual([1, 1, 4]);
    await call(on, "POST", `/batches/${id}/resume`, { maxCostUsd: PORTRAIT_USD + 0.3 });
    expect(await on.ended(id)).toMatchObject({ costUsd: PORTRAIT_USD, maybeUsd: 0.3 });
    expect(picturesOf(on.twin.ledger())).toEqual([1, 1, 4, 4]);
  });

  it("counts a killed worker's running call before it is repeated", { timeout: 120_000 }, async () => {
    const on = await start({
      workers: 0,
      twin: { latencyMs: ({ call: number }) => (number === 3 ? 4_000 : 50) },
      env: { DARKROOM_LOCK_MS: "1000" },
    });
    await on.addPhotos(1);
    const victim = await on.spawnWorker();
    const id = await on.submit({ recipe: RECIPE, maxCostUsd: PORTRAIT_USD });
    await until(() => Object.values(on.twin.ledger().calls).flat().length === 3, {
      what: "the third call",
      timeoutMs: 20_000,
    });
    victim.kill("SIGKILL");
    await on.spawnWorker();
    expect(await reaches(on, id, "paused")).toMatchObject({ pausedBy: "budget" });
    await until(() => on.twin.stats().running === 0, { what: "the provider to be done", timeoutMs: 20_000 });
    expect(billedUsd(on.twin.ledger())).toBe(PORTRAIT_USD);
    await call(on, "POST", `/batches/${id}/cancel`);
    expect(await on.ended(id)).toMatchObject({ costUsd: 0, lostUsd: 0.2, maybeUsd: 0.3 });
  });
});

describe("a budget of one call", () => {
  it("does not pay for a second one after a call that the provider's memory does not know", async () => {
    const on = await start({
      twin: { faults: [{ match: { call: 1 }, fault: "memory_lost" }] },
      env: { DARKROOM_DEADLINE_MS: "2000", DARKROOM_IDLE_MS: "1000" },
    });
    await on.addPhotos(1);
    const id = await on.submit({ recipe: { mode: "max", preset: "professional-polish" }, maxCostUsd: 0.2 });
    expect(await reaches(on, id, "paused")).toMatchObject({ pausedBy: "budget" });
    expect(on.twin.ledger().billed).toBe(1);
    await call(on, "POST", `/batches/${id}/resume`, { maxCostUsd: 0.4 });
    expect(await on.ended(id)).toMatchObject({ costUsd: 0.2, lostUsd: 0, maybeUsd: 0.2 });
    expect(on.twin.ledger().billed).toBe(2);
  });
});

describe("calls keep their original price", () => {
  it("in a round with another mode, whose portraits cost their own", async () => {
    const on = await start({ twin: { faults: [{ match: { call: 2 }, fault: "content_policy" }] } });
    await on.addPhotos(1);
    const steps: RecipeInput["steps"] = [{ preset: "skin-smoothing" }, { preset: "lighting-adjustment" }];
    const id = await on.submit({ recipe: { mode: "eco", steps }, maxCostUsd: 1 });
    expect(await on.ended(id)).toMatchObject({ costUsd: 0, lostUsd: 0.05 });
    await call(on, "POST", `/batches/${id}/retry`, { codes: ["content_policy"], recipe: { mode: "max" } });
    expect(await on.ended(id)).toMatchObject({ costUsd: 0.4, lostUsd: 0.05, maybeUsd: 0 });
    expect(on.twin.ledger().bills.map(({ mode }) => mode)).toEqual(["eco", "max", "max"]);
  });

  it("with a fallback, of its provider and of each step", async () => {
    phota = await startTwin({ latencyMs: 20, work: "light" });
    const on = await start({
      twin: { balance: 0 },
      env: { PHOTA_BASE_URL: phota.url, PHOTA_API_KEY: phota.apiKey },
    });
    await on.addPhotos(2);
    const id = await on.submit({
      recipe: { mode: "eco", steps: STEPS },
      fallback: { provider: "phota", afterMinutes: 0.01 },
    });
    const record = await on.ended(id);
    expect(record).toMatchObject({ counts: { succeeded: 2 }, costUsd: 0.6, lostUsd: 0, maybeUsd: 0 });
    expect(picturesOf(phota.ledger())).toEqual([1, 1, 1, 1, 1, 1]);
    expect(on.twin.ledger().billed).toBe(0);
  });
});
