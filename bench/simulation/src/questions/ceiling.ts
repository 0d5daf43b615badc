import { BEATS_A_LOOK, MANY_BEATING } from "@darkroom/ledger";
import type { Measured } from "../measure/measured.ts";
import { simulate } from "../simulate.ts";
import { percent, shown, type Table } from "../table.ts";
import { ALL_EVENTS, baseScenario, EVERY_BEAT, NUDGES_TO_ALL, inSteadyState } from "./base.ts";

/** Enough slots to load Redis fully with any number of workers. */
const SLOTS = 30_000;

/** Question 7: portraits per second with more slots than Redis can keep busy. */
export async function ceiling(costs: Measured): Promise<Table> {
  const rows: string[][] = [];
  for (const workers of [10, 30, 100, 300, 1_000]) {
    const base = { ...baseScenario(costs, 5_000), workers, slotsPerWorker: SLOTS / workers };
    const asItIs = await simulate(inSteadyState(base));
    const found = [shown(asItIs.perSecond), shown(asItIs.operationsPerSecond), percent(asItIs.redisUse)];
    for (const change of [ALL_EVENTS, EVERY_BEAT, NUDGES_TO_ALL]) {
      found.push(shown((await simulate(inSteadyState({ ...base, ...change }))).perSecond));
    }
    rows.push([shown(workers), ...found]);
  }
  const columns = [
    "workers",
    "portraits a second",
    "commands a second",
    "Redis busy",
    "all events sent",
    "all beats read every time",
    "nudges to all",
  ];
  return { name: "ceiling", columns, rows };
}

/** Returns the measured cost of one portrait for Redis. */
export function perPortrait({ us, batch }: Measured): Table {
  const parts: [string, number, number][] = [
    ["add to the lane, in a large window", 1, us.add.each],
    ["mark as queued, in a large window", 1, us.mark.each + us.peek.each],
    ["claim", 1, us.claim.base],
    ["pass and leave the gate", 2, us.gateEnter.base + us.gateLeave.base],
    ["write the receipt", 2, us.writeReceipt.base * 2],
    ["settle", 1, us.settle.base],
    ["end the job and take the next", 1, us.finishAndNext.base],
    ["drain its outcome line", 0, us.drain.each],
  ];
  const sum = parts.reduce((all, [, , cost]) => all + cost, 0);
  return {
    name: "per-portrait",
    columns: ["what", "commands", "Redis µs"],
    rows: [
      ...parts.map(([what, commands, cost]) => [what, shown(commands), shown(cost)]),
      ["**all, back to back**", shown(parts.reduce((all, [, commands]) => all + commands, 0)), shown(sum)],
      ["ending it, for each 10,000 running jobs more", "0", shown(10_000 * us.finishAndNext.each)],
      ["its events, with a listener", "3", shown(3 * (us.publish.base + us.publish.each))],
      [
        "a whole real batch at low load, watched, with ticks, nudges and polls",
        shown(batch.commandsTotalPerPortrait),
        shown(batch.redisCpuUsPerPortrait),
      ],
    ],
  };
}

/**
 * Returns the cost of keys that all workers share, regardless of the number of lanes and nodes, for the node that
 * stores them.
 */
export function sharedKeysCost({ us }: Measured): Table {
  const rows = [30, 100, 300, 1_000, 3_000, 10_000].map((workers) => {
    const beats = (beatsPerLook: number): number =>
      (workers / 2 / 1e6) * (us.beat.base + (us.look.base + us.look.each * workers) / beatsPerLook);
    const nudge = (hearers: number): number => us.publish.base + us.publish.each * hearers;
    return [
      shown(workers),
      percent(beats(workers > MANY_BEATING ? BEATS_A_LOOK : 1)),
      percent(beats(1)),
      `${shown(nudge(1) / 1_000)} ms`,
      `${shown(nudge(workers) / 1_000)} ms`,
    ];
  });
  return {
    name: "shared-keys",
    columns: ["workers", "heartbeats", "all beats read every time", "one nudge", "one nudge to all"],
    rows,
  };
}

/** Messages per portrait that are sent to every node of a cluster: its events, and at most one nudge. */
const MESSAGES = 4;

/** Question 8: lanes and batches spread evenly over the nodes of a cluster. Calculated from measurements. */
export function cluster({ us, clusterMessage }: Measured): Table {
  const lane = us.add.each + us.gateEnter.base + us.gateLeave.base + us.finishAndNext.base;
  const ledger =
    us.peek.each + us.mark.each + us.claim.base + 2 * us.writeReceipt.base + us.settle.base + us.drain.each;
  const { sentUs, receivedUs, nodes: measuredNodes } = clusterMessage;
  const sentOnUs = Math.max(0, (sentUs - us.publish.base) / (measuredNodes - 1));
  const rows = [1, 3, 10, 30].map((nodes) => {
    const spread = (nodes / (lane + ledger)) * 1e6;
    const message = (us.publish.base + (nodes - 1) * (sentOnUs + receivedUs)) / nodes;
    const told = 1e6 / ((lane + ledger) / nodes + MESSAGES * message);
    return [
      shown(nodes),
      shown(told),
      shown(told / nodes),
      percent((MESSAGES * message * told) / 1e6),
      shown(spread),
      shown(nodes === 1 ? told : Math.min(told, 1e6 / (lane + MESSAGES * message))),
    ];
  });
  return {
    name: "cluster",
    columns: [
      "nodes",
      "portraits a second, many lanes",
      "of each node",
      "messages",
      "many lanes, no messages",
      "one lane",
    ],
    rows,
  };
}
