import { afterEach, describe, expect, it } from "vitest";
import { microRounded, type BatchStatus, type Costs, type Spent } from "@darkroom/core";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import type { FaultKind } from "@darkroom/twin";
import { startEngine, type Engine, type ReportLine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine.close();
  await redis?.close();
  redis = undefined;
});

const PRICE = 0.05;
const ENV = {
  DARKROOM_PRICES: `{"each-sense":{"eco":${PRICE}}}`,
  DARKROOM_ATTEMPTS: "2",
  DARKROOM_DEADLINE_MS: "2000",
  DARKROOM_IDLE_MS: "1000",
};
const RECIPE = { preset: "professional-polish", mode: "eco" } as const;

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${engine.api.url}/v1${path}`);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const spentOf = ({ costUsd, lostUsd, maybeUsd }: Spent): Spent => ({ costUsd, lostUsd, maybeUsd });

function lineSpent(line: ReportLine): Spent {
  return spentOf(line as unknown as Spent);
}

function sum(parts: readonly Spent[]): Spent {
  const of = (part: keyof Spent): number => microRounded(parts.reduce((all, spent) => all + spent[part], 0));
  return { costUsd: of("costUsd"), lostUsd: of("lostUsd"), maybeUsd: of("maybeUsd") };
}

/** Returns the amount that the provider actually billed, in USD, by portrait name. */
function billedUsd(): (name: string) => number {
  const counts = new Map<string, number>();
  for (const { portrait } of engine.twin.ledger().bills) {
    const name = portrait.split("/").at(-1) ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return (name) => (counts.get(name) ?? 0) * PRICE;
}

/**
 * Compares each line with the provider's books: the certainly paid amount was billed, and the bill does not exceed the
 * maximum.
 */
function expectWithinBooks(lines: readonly ReportLine[]): void {
  const billed = billedUsd();
  for (const line of lines) {
    const { costUsd, lostUsd, maybeUsd } = lineSpent(line);
    const story = JSON.stringify({ line, billed: billed(line.id) });
    expect(billed(line.id), story).toBeGreaterThanOrEqual(costUsd + lostUsd - 1e-9);
    expect(billed(line.id), story).toBeLessThanOrEqual(costUsd + lostUsd + maybeUsd + 1e-9);
  }
}

describe("what a batch has cost", () => {
  it("is delivered, lost or maybe, in the report, the status and the days, each call once", async () => {
    const faults: readonly (readonly [portrait: string, call: number, fault: FaultKind])[] = [
      ["p00003", 1, "memory_lost"],
      ["p00004", 1, "memory_lost"],
      ["p00004", 2, "content_policy"],
      ["p00005", 1, "cut_after_events"],
      ["p00006", 1, "content_policy"],
      ["p00007", 1, "memory_lost"],
      ["p00007", 2, "memory_lost"],
    ];
    engine = await startEngine({
      twin: {
        latencyMs: 50,
        faults: [
          { match: { portrait: "p00001" }, fault: { kind: "bad_output", output: "unchanged" } },
          { match: { portrait: "p00002" }, fault: { kind: "bad_output", output: "missing" } },
          ...faults.map(([portrait, call, fault]) => ({ match: { portrait, call }, fault })),
        ],
      },
      env: ENV,
    });
    await engine.addPhotos(8);
    const id = await engine.submit({ breaker: false });
    await engine.ended(id);
    const lines = await engine.report(id);
    const told = lines.map((line) => [line.outcome, ...Object.values(lineSpent(line))]);
    expect(told).toEqual([
      ["ok", PRICE, 0, 0],
      ["unchanged_output", 0, PRICE, 0],
      ["result_unavailable", 0, PRICE, 0],
      ["ok", PRICE, 0, PRICE],
      ["content_policy", 0, 0, PRICE],
      ["ok", PRICE, 0, 0],
      ["content_policy", 0, 0, 0],
      ["provider_error", 0, 0, 2 * PRICE],
    ]);
    expect(engine.twin.ledger().billed).toBe(9);
    expectWithinBooks(lines);
    const all = sum(lines.map(lineSpent));
    expect(spentOf(await get<BatchStatus>(`/batches/${id}`))).toEqual(all);
    for (const by of ["day", "lane", "batch"] as const) {
      const costs = await get<Costs>(`/costs?simulated=true&by=${by}`);
      expect(costs).toMatchObject({ by, total: all });
      expect(costs.rows).toEqual([{ name: by === "lane" ? "twin" : by === "batch" ? id : costs.to, ...all }]);
    }
  });

  it("matches the provider's books despite any failures", { timeout: 120_000 }, async () => {
    engine = await startEngine({
      twin: { latencyMs: 30, seed: "weather" },
      env: { ...ENV, DARKROOM_ATTEMPTS: "3" },
    });
    const kinds: readonly FaultKind[] = [
      "http",
      "reset",
      "reset_after_accept",
      "cut_after_events",
      "cut_after_generation",
      "cut_mid_event",
      "memory_lost",
      "error_event",
      "content_policy",
      "no_output",
      "bad_output",
    ];
    engine.twin.faults.random({ rate: 0.5, kinds });
    await engine.addPhotos(60);
    const steps = [{ preset: "skin-smoothing" }, { preset: "lighting-adjustment" }] as const;
    const id = await engine.submit({ breaker: false, recipe: { mode: "eco", steps: [...steps] } });
    const record = await engine.ended(id, 110_000);
    const lines = await engine.report(id);
    expectWithinBooks(lines);
    const all = sum(lines.map(lineSpent));
    expect(spentOf(record)).toEqual(all);
    // There were enough faults for each kind of cost.
    expect(Math.min(all.costUsd, all.lostUsd, all.maybeUsd)).toBeGreaterThan(0);
  });

  it(
    "is the billed amount, with nothing lost or unclear, when a worker is killed during a stream",
    {
      timeout: 120_000,
    },
    async () => {
      engine = await startEngine({
        workers: 0,
        twin: { latencyMs: [2_000, 3_000] },
        env: { ...ENV, DARKROOM_DEADLINE_MS: "60000", DARKROOM_IDLE_MS: "30000", DARKROOM_LOCK_MS: "1000" },
      });
      await engine.addPhotos(6);
      const victim = await engine.spawnWorker();
      const id = await engine.submit();
      await until(() => engine.twin.stats().openStreams === 6, { what: "6 open streams", timeoutMs: 20_000 });
      victim.kill("SIGKILL");
      await engine.spawnWorker();
      const record = await engine.ended(id, 90_000);
      expect(spentOf(record)).toEqual({ costUsd: microRounded(6 * PRICE), lostUsd: 0, maybeUsd: 0 });
      expect(engine.twin.ledger().billed).toBe(6);
      expectWithinBooks(await engine.report(id));
    },
  );

  it("counts a step that was paid before a cancellation as lost, and the running one as maybe", async () => {
    engine = await startEngine({
      twin: { latencyMs: 30, faults: [{ match: { call: 2 }, fault: "silence" }] },
      env: { ...ENV, DARKROOM_DEADLINE_MS: "60000", DARKROOM_IDLE_MS: "60000" },
    });
    await engine.addPhotos(2);
    const steps = [{ preset: "skin-smoothing" }, { preset: "lighting-adjustment" }] as const;
    const id = await engine.submit({ recipe: { mode: "eco", steps: [...steps] } });
    await until(() => Object.values(engine.twin.ledger().calls).filter((calls) => calls.length === 2).length === 2, {
      what: "both second steps to run",
    });
    await postTo(engine, `/batches/${id}/cancel`, {});
    await engine.ended(id);
    const lines = await engine.report(id);
    expect(lines.map((line) => [line.outcome, ...Object.values(lineSpent(line))])).toEqual([
      ["cancelled_in_flight", 0, PRICE, PRICE],
      ["cancelled_in_flight", 0, PRICE, PRICE],
    ]);
    expectWithinBooks(lines);
  });
});

describe("a budget", () => {
  it("includes lost and possibly paid amounts", async () => {
    engine = await startEngine({
      twin: {
        latencyMs: 30,
        faults: [
          { match: { portrait: "p00000" }, fault: { kind: "bad_output", output: "unchanged" } },
          { match: { portrait: "p00001" }, fault: "memory_lost" },
        ],
      },
      env: { ...ENV, DARKROOM_ATTEMPTS: "1", DARKROOM_LANE_CONCURRENCY: "1" },
    });
    await engine.addPhotos(6);
    const id = await engine.submit({ breaker: false, maxCostUsd: 4 * PRICE });
    await until(async () => (await get<BatchStatus>(`/batches/${id}`)).state === "paused", {
      what: "the budget to be full",
      timeoutMs: 30_000,
    });
    const paused = await get<BatchStatus>(`/batches/${id}`);
    expect(paused).toMatchObject({ pausedBy: "budget", maybeBilled: 1 });
    expect(spentOf(paused)).toEqual({ costUsd: 2 * PRICE, lostUsd: PRICE, maybeUsd: PRICE });
    expect(engine.twin.ledger().billed).toBe(4);
    await postTo(engine, `/batches/${id}/cancel`, {});
    await engine.ended(id);
  });
});

describe("recover, after Redis was emptied", () => {
  it("restores the costs by batch and by day", { timeout: 90_000 }, async () => {
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      twin: {
        latencyMs: 30,
        faults: [
          { match: { portrait: "p00000" }, fault: { kind: "bad_output", output: "unchanged" } },
          { match: { portrait: "p00001" }, fault: "memory_lost" },
        ],
      },
      // One portrait at a time: the budget pays for the first five.
      env: { ...ENV, DARKROOM_ATTEMPTS: "1", DARKROOM_LANE_CONCURRENCY: "1" },
    });
    await engine.addPhotos(12);
    const ended = await engine.submit({ breaker: false, include: ["p0000[0-4]*"], recipe: RECIPE });
    await engine.ended(ended);
    const open = await engine.submit({ breaker: false, destination: `${engine.root}out/b/`, pilot: 12 });
    await until(async () => (await get<BatchStatus>(`/batches/${open}`)).counts.running === 0, { what: "a start" });
    const waits = await engine.submit({ breaker: false, destination: `${engine.root}out/c/`, maxCostUsd: 5 * PRICE });
    await until(async () => (await get<BatchStatus>(`/batches/${waits}`)).state === "paused", {
      what: "the budget to be full",
      timeoutMs: 30_000,
    });
    await engine.ended(open);
    await until(
      async () => {
        const record = await engine.ledger.read(waits);
        const undrained = await engine.ledger.undrainedOutcomes(waits, 1);
        return record?.storedRevision === record?.revision && undrained.length === 0;
      },
      { what: "the store to know all", timeoutMs: 20_000 },
    );
    const before = await engine.ledger.read(waits);
    const costs = await get<Costs>("/costs?simulated=true&by=batch");
    expect(costs.rows.map(({ name }) => name)).toEqual([ended, open, waits].toSorted());
    expect(before?.lostUsd).toBe(PRICE);
    await engine.redis.flushall();
    expect((await get<Costs>("/costs?simulated=true&by=batch")).rows).toEqual([]);
    for (const place of ["out/", "out/b/", "out/c/"]) {
      await postTo(engine, "/recoveries", { destination: `${engine.root}${place}` });
    }
    const after = await engine.ledger.read(waits);
    expect(after).toMatchObject({ state: "paused", ...spentOf(before!), days: before!.days });
    await until(async () => (await get<Costs>("/costs?simulated=true&by=batch")).rows.length === 3, {
      what: "the running batch to be booked again",
      timeoutMs: 15_000,
    });
    expect(await get<Costs>("/costs?simulated=true&by=batch")).toEqual(costs);
    await postTo(engine, `/batches/${waits}/cancel`, {});
    await engine.ended(waits);
  });
});
