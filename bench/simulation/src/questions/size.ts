import type { Measured } from "../measure/measured.ts";
import { SWEEP_MS } from "@darkroom/producer/intervals";
import { simulate } from "../simulate.ts";
import { percent, shown, type Table } from "../table.ts";
import { baseScenario } from "./base.ts";

const PROVIDER_MS = 5_000;
const LARGEST = 100_000_000;

/** Question 6: the cost of a batch that depends only on its size. */
export async function sizes(costs: Measured): Promise<Table> {
  const { states, ingest, producerUs } = costs;
  const rows: string[][] = [];
  for (const portraits of [10_000, 1_000_000, 10_000_000, LARGEST]) {
    // One portrait is pending, behind all others.
    const { endedAtMs } = await retried(costs, portraits, portraits);
    const sweepUs = (producerUs.sweepPerMillion * portraits) / 1e6;
    rows.push([
      shown(portraits),
      `${shown((states.usedBytes / states.portraits) * (portraits / 1e6))} MB`,
      `${shown(portraits / ingest.rowsPerSecond / 60)} min`,
      `${shown(sweepUs / 1_000)} ms`,
      percent(sweepUs / 1_000 / SWEEP_MS),
      `${shown((endedAtMs - PROVIDER_MS) / 1_000)} s`,
    ]);
  }
  const columns = [
    "portraits",
    "Redis memory",
    "ingest",
    "one sweep",
    "of the producer's time",
    "to walk past ended portraits",
  ];
  return { name: "sizes", columns, rows };
}

/** Question 6: a retry of the failures of a hundred million portraits, by their number. */
export async function retries(costs: Measured): Promise<Table> {
  const rows: string[][] = [];
  for (const every of [1_000, 10_000, 30_000, 100_000, 1_000_000]) {
    const { endedAtMs, slotUse } = await retried(costs, LARGEST, every);
    const failed = LARGEST / every;
    rows.push([
      `1 in ${shown(every)}`,
      shown(failed),
      `${shown((Math.ceil(failed / RETRY_SLOTS) * PROVIDER_MS) / 1_000)} s`,
      `${shown(endedAtMs / 1_000)} s`,
      percent(slotUse),
    ]);
  }
  const columns = ["failed", "to do again", "at best", "takes", "slots in calls"];
  return { name: "retries", columns, rows };
}

const RETRY_WORKERS = 10;
const RETRY_SLOTS = 1_000;

function retried(costs: Measured, portraits: number, pendingEvery: number) {
  return simulate({
    ...baseScenario(costs, PROVIDER_MS),
    workers: RETRY_WORKERS,
    slotsPerWorker: RETRY_SLOTS / RETRY_WORKERS,
    fixedProviderMs: true,
    portraits,
    pendingEvery,
    whole: true,
    warmupMs: 0,
  });
}
