import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { startMeasuredRedis } from "./measure/private-redis.ts";
import { startRealEngine } from "./measure/real-batch.ts";
import type { Measured } from "./measure/measured.ts";
import { baseScenario } from "./questions/base.ts";
import { simulate } from "./simulate.ts";

const PORTRAITS = 80;
const CALIBRATION = 30;
const CONCURRENCY = 10;
const LATENCY_MS = 1_500;
/** Allowed deviation of the simulated time from the real one: less than one round of calls. */
const MARGIN = 0.1;

test("a real batch takes as long as the simulated one, within a tenth", { timeout: 180_000 }, async () => {
  const redis = await startMeasuredRedis();
  try {
    const engine = await startRealEngine(redis, { concurrency: CONCURRENCY, latencyMs: LATENCY_MS });
    try {
      await engine.run(CONCURRENCY, false);
      // A portrait's time outside the provider is measured in a different batch from the one that is compared.
      const { besideProviderMs } = await engine.run(CALIBRATION, false);
      const real = await engine.run(PORTRAITS, false);
      const costs = JSON.parse(
        await readFile(new URL("../results/measured.json", import.meta.url), "utf8"),
      ) as Measured;
      const simulated = await simulate({
        ...baseScenario(costs, LATENCY_MS),
        workers: 1,
        slotsPerWorker: CONCURRENCY,
        fixedProviderMs: true,
        besideMs: besideProviderMs,
        portraits: PORTRAITS,
        whole: true,
        watchers: 1,
        warmupMs: 0,
      });
      const realMs = real.workSeconds * 1_000;
      expect(simulated.settled).toBe(PORTRAITS);
      expect(
        Math.abs(simulated.endedAtMs - realMs) / realMs,
        `${simulated.endedAtMs} ms for ${realMs} ms`,
      ).toBeLessThan(MARGIN);
    } finally {
      await engine.close();
    }
  } finally {
    await redis.close();
  }
});
