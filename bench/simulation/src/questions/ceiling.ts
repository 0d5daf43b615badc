import type { Measured } from "../measure/measured.ts";
import { simulate } from "../simulate.ts";
import { percent, shown, type Table } from "../table.ts";
import { baseScenario, PROPOSED, inSteadyState } from "./base.ts";

/** Slots enough to fill Redis at any number of workers. */
const SLOTS = 30_000;

/** Question 7: portraits a second with more slots than Redis can keep busy. */
export async function ceiling(costs: Measured): Promise<Table> {
  const rows: string[][] = [];
  for (const workers of [10, 30, 100, 300, 1_000]) {
    const found: string[] = [];
    for (const change of [{}, { nudgeHearers: "producers" } as const, PROPOSED]) {
      const scenario = { ...baseScenario(costs, 5_000), ...change, workers, slotsPerWorker: SLOTS / workers };
      const result = await simulate(inSteadyState(scenario));
      found.push(shown(result.perSecond), percent(result.redisUse));
    }
    rows.push([shown(workers), ...found]);
  }
  const columns = [
    "workers",
    "a second",
    "Redis busy",
    "nudges to producers only",
    "Redis busy",
    "and a third of the looks",
    "Redis busy",
  ];
  return { name: "ceiling", columns, rows };
}

/** What one portrait asks of Redis, from the measurement. */
export function perPortrait({ us, batch }: Measured): Table {
  const parts: [string, number, number][] = [
    ["add to the lane, in a large window", 1, us.add.each],
    ["mark as queued, in a large window", 1, us.mark.each + us.peek.each],
    ["claim", 1, us.claim.base],
    ["pass and leave the gate", 2, us.gateEnter.base + us.gateLeave.base],
    ["write the receipt", 2, us.writeReceipt.base * 2],
    ["settle", 1, us.settle.base],
    ["end the job and take the next", 1, us.finishAndNext.base],
    ["events without a watcher", 3, us.publish.base * 3],
    ["drain its outcome line", 0, us.drain.each],
  ];
  const sum = parts.reduce((all, [, , cost]) => all + cost, 0);
  return {
    name: "per-portrait",
    columns: ["what", "commands", "Redis µs"],
    rows: [
      ...parts.map(([what, commands, cost]) => [what, shown(commands), shown(cost)]),
      ["**in all, back to back**", shown(parts.reduce((all, [, commands]) => all + commands, 0)), shown(sum)],
      [
        "a whole real batch, at leisure: rounds, nudges and polls in it",
        shown(batch.commandsTotalPerPortrait),
        shown(batch.redisCpuUsPerPortrait),
      ],
    ],
  };
}

/** Keys that every worker shares, whatever lanes and nodes there are: what they cost the node that has them. */
export function sharedKeysCost({ us }: Measured): Table {
  const rows = [100, 300, 1_000, 3_000, 10_000].map((workers) => {
    const beats = (workers / 2) * (us.beat.base + us.beat.each * workers);
    const nudge = us.publish.base + us.publish.each * workers;
    const kept = { beats: beats / 1e6, nudges: (100 * nudge) / 1e6 };
    const proposed = (workers / 2) * (us.beat.base + (us.beat.each * workers) / 3);
    return [
      shown(workers),
      percent(kept.beats),
      percent(proposed / 1e6),
      `${shown(nudge / 1_000)} ms`,
      percent(kept.nudges),
    ];
  });
  return {
    name: "shared-keys",
    columns: ["workers", "heartbeats", "heartbeats, proposed", "one nudge", "100 nudges a second"],
    rows,
  };
}
