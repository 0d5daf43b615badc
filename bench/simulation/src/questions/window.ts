import { aheadOf } from "@darkroom/producer/feeder";
import type { Measured } from "../measure/measured.ts";
import { simulate } from "../simulate.ts";
import { percent, shown, type Table } from "../table.ts";
import { baseScenario } from "./base.ts";

const WORKERS = 10;
const SLOTS_PER_WORKER = 20;
const SLOTS = WORKERS * SLOTS_PER_WORKER;
const LATENCIES_MS = [0.2, 1, 5];
/** Prefetched jobs as a share of the slots. Undefined: the feeder decides. */
const SHARES = [undefined, 0, 0.02, 0.1, 0.25, 1];

/** Questions 2 and 3: how long a slot stays empty, and how full the slots are, by latency and prefetch. */
export async function windows(costs: Measured): Promise<readonly Table[]> {
  const empty: (string | number)[][] = [];
  const use: (string | number)[][] = [];
  for (const [providerMs, waves] of [
    [200, false],
    [5_000, false],
    [5_000, true],
    [30_000, true],
  ] as const) {
    for (const share of SHARES) {
      const cells: string[] = [];
      const perSecond = (SLOTS * 1_000) / providerMs;
      const window =
        share === undefined ? `the feeder's (${aheadOf(SLOTS, perSecond)})` : String(Math.ceil(SLOTS * share));
      const provider = `${providerMs / 1_000} s${waves ? ", in waves" : ""}`;
      for (const latencyMs of LATENCIES_MS) {
        const result = await simulate({
          ...baseScenario(costs, providerMs),
          workers: WORKERS,
          slotsPerWorker: SLOTS_PER_WORKER,
          latencyMs,
          waves,
          fixedProviderMs: waves,
          measureMs: waves ? providerMs * 4 : 20_000,
          ...(share === undefined ? {} : { ahead: Math.ceil(SLOTS * share) }),
        });
        cells.push(`${shown(result.emptyMs.p50)} / ${shown(result.emptyMs.p99)}`);
        if (latencyMs === 1) {
          use.push([provider, window, shown(result.queued), percent(result.slotUse), shown(result.perSecond)]);
        }
      }
      empty.push([provider, window, ...cells]);
    }
  }
  return [
    {
      name: "empty-slots",
      columns: ["provider", "jobs kept ready", ...LATENCIES_MS.map((ms) => `p50 / p99, ms, Redis at ${ms} ms`)],
      rows: empty,
    },
    {
      name: "windows",
      columns: ["provider", "jobs kept ready", "waiting on average", "slots in calls", "portraits a second"],
      rows: use,
    },
  ];
}
