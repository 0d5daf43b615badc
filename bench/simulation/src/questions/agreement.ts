import type { Measured } from "../measure/measured.ts";
import { simulate } from "../simulate.ts";
import { shown, type Table } from "../table.ts";
import { baseScenario } from "./base.ts";

/** Compares the measured batch with the same batch simulated at the machine's latency. */
export async function agreement(costs: Measured): Promise<Table> {
  const { portraits, concurrency, twinLatencyMs, besideProviderMs, workSeconds } = costs.batch;
  const { endedAtMs } = await simulate({
    ...baseScenario(costs, twinLatencyMs),
    workers: 1,
    slotsPerWorker: concurrency,
    fixedProviderMs: true,
    besideMs: besideProviderMs,
    portraits,
    whole: true,
    watchers: 1,
    warmupMs: 0,
  });
  const seconds = endedAtMs / 1_000;
  return {
    name: "agreement",
    columns: ["portraits", "slots", "provider", "real, first start to last end", "simulated", "difference"],
    rows: [
      [
        shown(portraits),
        shown(concurrency),
        `${twinLatencyMs} ms`,
        `${shown(workSeconds)} s`,
        `${shown(seconds)} s`,
        `${shown((seconds / workSeconds - 1) * 100)} %`,
      ],
    ],
  };
}
