import { afterEach, describe, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

const PORTRAITS = 4;
const SOON = { DARKROOM_LOCK_MS: "2000", DARKROOM_LANE_CONCURRENCY: "20" };
/** Makes a portrait that failed once wait for longer than the test lasts. */
const LONG_WAITS = { DARKROOM_BACKOFF_BASE_MS: "3000", DARKROOM_BACKOFF_CAP_MS: "3000" };
/** A dead worker's gate slot stays occupied for 24 s. */
const TIMEOUT_MS = 90_000;

let engine: Engine | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});

const callsOf = ({ twin }: Engine): number => Object.values(twin.ledger().calls).flat().length;

/** Starts a batch with all portraits in flight, and a worker process that may die with them. */
async function batchInFlight(options: EngineOptions, submission: Parameters<Engine["submit"]>[0], calls = PORTRAITS) {
  const running = await startEngine({ workers: 0, phota: true, env: SOON, ...options });
  engine = running;
  await running.addPhotos(PORTRAITS);
  const worker = await running.spawnWorker();
  const batchId = await running.submit(submission);
  await until(() => callsOf(running) === calls, { what: "every portrait to be called", timeoutMs: 30_000 });
  return { running, worker, batchId };
}

/** Waits until a worker has checked every portrait of the dead worker. */
async function waitsInRow({ ledger }: Engine, batchId: string): Promise<void> {
  await until(async () => (await ledger.read(batchId))?.counts.pending === PORTRAITS, {
    what: "the dead worker's portraits to be back in the row",
    timeoutMs: 60_000,
  });
}

const PHOTA = { preset: "professional-polish", mode: "eco", provider: "phota" } as const;

it(
  "a paused batch pays for nothing when its worker dies, and continues when it is resumed",
  async () => {
    const { running, worker, batchId } = await batchInFlight({ twin: { latencyMs: 4_000 } }, { recipe: PHOTA });
    await postTo(running, `/batches/${batchId}/pause`, { reason: "stop spending" });
    worker.kill("SIGKILL");
    await running.spawnWorker();
    await waitsInRow(running, batchId);
    expect(callsOf(running)).toBe(PORTRAITS);
    await postTo(running, `/batches/${batchId}/resume`);
    await running.ended(batchId);
    const lines = await running.report(batchId);
    expect(lines.map(({ outcome, billed }) => [outcome, billed])).toEqual(lines.map(() => ["ok", "maybe"]));
    expect(callsOf(running)).toBe(2 * PORTRAITS);
  },
  TIMEOUT_MS,
);

it(
  "a budget that covers all work in flight is not exceeded when its worker dies and every call may have to be paid again",
  async () => {
    const { running, worker, batchId } = await batchInFlight(
      { twin: { latencyMs: 4_000 }, env: { ...SOON, DARKROOM_PRICES: '{"phota":{"image":0.1}}' } },
      { recipe: PHOTA, maxCostUsd: 0.1 * (PORTRAITS + 0.5) },
    );
    worker.kill("SIGKILL");
    await running.spawnWorker();
    const paused = await until(
      async () => {
        const record = await running.ledger.read(batchId);
        return record?.state === "paused" ? record : undefined;
      },
      { what: "the budget to pause the batch", timeoutMs: 60_000 },
    );
    expect(paused).toMatchObject({ pausedBy: "budget", counts: { pending: PORTRAITS } });
    expect(callsOf(running)).toBe(PORTRAITS);
  },
  TIMEOUT_MS,
);

it(
  "a paused batch of two steps pays for no second step when its worker dies, and finds the answers of the first",
  async () => {
    const steps = [{ prompt: "Warmer light." }, { prompt: "A grey background." }];
    const { running, worker, batchId } = await batchInFlight(
      { twin: { latencyMs: 50, faults: [{ match: { call: 2 }, fault: "reset" }] }, env: { ...SOON, ...LONG_WAITS } },
      { recipe: { steps, mode: "eco" } },
      2 * PORTRAITS,
    );
    await postTo(running, `/batches/${batchId}/pause`);
    worker.kill("SIGKILL");
    await running.spawnWorker();
    await waitsInRow(running, batchId);
    expect(callsOf(running)).toBe(2 * PORTRAITS);
    await postTo(running, `/batches/${batchId}/resume`);
    await running.ended(batchId);
    const lines = await running.report(batchId);
    expect(lines.map(({ outcome, billed }) => [outcome, billed])).toEqual(lines.map(() => ["ok", "yes"]));
    expect(running.twin.ledger().bills.length).toBe(2 * PORTRAITS);
  },
  TIMEOUT_MS,
);

describe("a call that was made before its batch stopped paying", () => {
  const PRICE_USD = 0.05;
  const EACH_SENSE = { preset: "professional-polish", mode: "eco" } as const;
  const prices = { DARKROOM_PRICES: `{"each-sense":{"eco":${PRICE_USD},"max":${PRICE_USD}}}` };

  it.each(["a person", "the budget"])(
    "is recalled and stored while %s pauses it",
    { timeout: TIMEOUT_MS },
    async (by) => {
      const running = await startEngine({
        env: { ...prices, DARKROOM_LANE_CONCURRENCY: "20" },
        twin: { latencyMs: 1_000, faults: [{ match: { call: 1 }, fault: "cut_after_events" }] },
      });
      engine = running;
      await running.addPhotos(PORTRAITS);
      const batchId = await running.submit({ recipe: EACH_SENSE, maxCostUsd: 1 });
      await until(() => callsOf(running) === PORTRAITS, { what: "every portrait to be called", timeoutMs: 30_000 });
      if (by === "a person") await postTo(running, `/batches/${batchId}/pause`);
      else await running.ledger.control.pause(batchId, "the budget is full", { by: "budget" });
      const stored = async (): Promise<boolean> => (await running.ledger.read(batchId))?.counts.succeeded === PORTRAITS;
      await until(stored, { what: "the answers to be found", timeoutMs: 60_000 });
      const { bills } = running.twin.ledger();
      expect([bills.length, callsOf(running)]).toEqual([PORTRAITS, PORTRAITS]);
      expect(await running.ended(batchId)).toMatchObject({ costUsd: PRICE_USD * PORTRAITS, lostUsd: 0, maybeUsd: 0 });
    },
  );

  it("is not repeated if the memory does not know it", { timeout: TIMEOUT_MS }, async () => {
    const running = await startEngine({
      env: { ...prices, DARKROOM_DEADLINE_MS: "4000", DARKROOM_LANE_CONCURRENCY: "20" },
      twin: { latencyMs: 100, faults: [{ match: { call: 1 }, fault: "memory_lost" }] },
    });
    engine = running;
    await running.addPhotos(PORTRAITS);
    const batchId = await running.submit({ recipe: EACH_SENSE, maxCostUsd: 1 });
    await until(() => callsOf(running) === PORTRAITS, { what: "every portrait to be called", timeoutMs: 30_000 });
    await postTo(running, `/batches/${batchId}/pause`);
    await waitsInRow(running, batchId);
    expect(callsOf(running)).toBe(PORTRAITS);
    await postTo(running, `/batches/${batchId}/resume`);
    await running.ended(batchId);
    expect((await running.report(batchId)).map(({ outcome }) => outcome)).toEqual(Array(PORTRAITS).fill("ok"));
  });
});
