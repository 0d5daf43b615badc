import { afterEach, describe, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

/** The price at which the batches below are accepted. A call costs the same in both modes. */
const CALL_USD = 0.05;
const ACCEPTED = `{"each-sense":{"eco":${CALL_USD},"max":${CALL_USD}}}`;
const DEARER = '{"each-sense":{"eco":0.5,"max":0.5}}';
const CHEAPER = '{"each-sense":{"eco":0.001,"max":0.001}}';
const NONE = "";

let engine: Engine | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});

/** Accepts a batch that no process works on. */
async function accepted(photos: number, maxCostUsd?: number) {
  const running = await startEngine({
    workers: 0,
    producer: false,
    twin: { latencyMs: 50 },
    env: { DARKROOM_PRICES: ACCEPTED, DARKROOM_LANE_CONCURRENCY: "4" },
  });
  engine = running;
  await running.addPhotos(photos);
  return { running, id: await running.submit(maxCostUsd === undefined ? {} : { maxCostUsd }) };
}

describe("a batch's budget", () => {
  it.each([
    ["the worker has no prices", NONE, ACCEPTED],
    ["neither the worker nor the producer has prices", NONE, NONE],
    ["the worker's prices are lower", CHEAPER, ACCEPTED],
    ["prices have risen everywhere since", DEARER, DEARER],
  ])("is enforced by the prices at acceptance if %s", { timeout: 90_000 }, async (_, worker, producer) => {
    const { running, id } = await accepted(12, 4 * CALL_USD);
    await Promise.all([
      running.spawnWorker({ DARKROOM_PRICES: worker }),
      running.spawnProducer({ DARKROOM_PRICES: producer }),
    ]);
    const stands = async () => {
      const record = await running.ledger.read(id);
      return record?.state === "paused" || record?.endedAt !== undefined;
    };
    await until(stands, { what: "the budget to be full", timeoutMs: 60_000 });
    expect(running.twin.ledger().billed).toBe(4);
    const record = await running.ledger.read(id);
    expect(record).toMatchObject({ state: "paused", pausedBy: "budget", budgetNeedsUsd: CALL_USD });
    expect(record?.costUsd).toBeCloseTo(4 * CALL_USD);
  });
});

describe("what a batch has cost and will cost", () => {
  it("is counted by the prices at acceptance", { timeout: 60_000 }, async () => {
    const { running, id } = await accepted(3);
    await Promise.all([running.spawnWorker({ DARKROOM_PRICES: DEARER }), running.spawnProducer()]);
    expect((await running.ended(id)).costUsd).toBeCloseTo(3 * CALL_USD);
    expect((await running.report(id)).map(({ costUsd }) => costUsd)).toEqual([CALL_USD, CALL_USD, CALL_USD]);
  });
});
