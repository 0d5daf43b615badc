import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { LOOK_PORTRAITS } from "./batch-model.ts";
import { RHYTHM, SWEEP_CHUNK } from "./producer-model.ts";
import { MOST_LANE_CONCURRENCY } from "./simulate.ts";
import { UPKEEP_RHYTHM } from "./upkeep.ts";
import { EVENT_RHYTHM, NUDGE_EVERY_MS } from "./workers-model.ts";

const ROOT = new URL("../../../", import.meta.url);

async function constantIn(path: string, name: string): Promise<number> {
  const text = await readFile(new URL(path, ROOT), "utf8");
  const found = new RegExp(`const ${name} = ([\\d_.]+);`).exec(text)?.[1];
  if (found === undefined) throw new Error(`${path} has no ${name}`);
  return Number(found.replaceAll("_", ""));
}

/** What the simulation has beside the real feeder is the engine's own rhythm, number by number. */
test.each([
  ["apps/producer/src/keeper.ts", "ROUND_MS", RHYTHM.ROUND_MS],
  ["apps/producer/src/run-rounds.ts", "ROUND_MS_PER_BATCH", RHYTHM.ROUND_MS_PER_BATCH],
  ["apps/producer/src/run-rounds.ts", "FEED_GAP_MS_PER_BATCH", RHYTHM.FEED_GAP_MS_PER_BATCH],
  ["apps/producer/src/start-producer.ts", "LEASE_MS", RHYTHM.LEASE_MS],
  ["apps/producer/src/keeper.ts", "SAMPLE_MS", RHYTHM.SAMPLE_MS],
  ["apps/producer/src/keeper.ts", "DRAIN_MS", RHYTHM.DRAIN_MS],
  ["apps/producer/src/keeper.ts", "SWEEP_MS", RHYTHM.SWEEP_MS],
  ["apps/producer/src/sweep.ts", "CHUNK", SWEEP_CHUNK],
  ["apps/worker/src/signals.ts", "NUDGE_EVERY_MS", NUDGE_EVERY_MS],
  ["packages/ledger/src/presence.ts", "BEAT_MS", UPKEEP_RHYTHM.BEAT_MS],
  ["packages/ledger/src/presence.ts", "MANY", UPKEEP_RHYTHM.MANY],
  ["packages/ledger/src/presence.ts", "BEATS_A_LOOK", UPKEEP_RHYTHM.BEATS_A_LOOK],
  ["packages/ledger/src/bus.ts", "LOOK_AGAIN_MS", EVENT_RHYTHM.LOOK_AGAIN_MS],
  ["packages/ledger/src/bus.ts", "MOST_UNWATCHED", EVENT_RHYTHM.MOST_UNWATCHED],
  ["packages/lanes/src/lane-worker.ts", "STALLED_CHECKS_PER_LOCK", UPKEEP_RHYTHM.STALLED_CHECKS_PER_LOCK],
])("%s: %s", async (path, name, mirrored) => {
  expect(await constantIn(path, name)).toBe(mirrored);
});

test("a nudge is sent where the engine sends it", async () => {
  const text = await readFile(new URL("apps/worker/src/conclude.ts", ROOT), "utf8");
  expect(text).toContain("answer.queued <= lane.concurrency / 4");
});

test("nudges have a channel of their own, and workers do not listen to it", async () => {
  const textOf = (path: string): Promise<string> => readFile(new URL(path, ROOT), "utf8");
  expect(await textOf("packages/ledger/src/bus.ts")).toContain("publish(this.#shared.nudges, lane)");
  expect(await textOf("apps/producer/src/run-rounds.ts")).toContain("bus.onNudge(");
  const worker = await textOf("apps/worker/src/start-worker.ts");
  expect(worker).toContain("bus.onControl(");
  expect(worker).not.toContain("onNudge");
});

test("a look for pending portraits reads as much as the ledger's script", async () => {
  const text = await readFile(new URL("packages/ledger/src/scripts/portrait-scripts.ts", ROOT), "utf8");
  const bytes = Number(/read < (\d+) do/.exec(text)?.[1]);
  // Two portraits a byte.
  expect(LOOK_PORTRAITS).toBe(bytes * 2);
});

test("a lane has no more slots than its setting allows", async () => {
  const text = await readFile(new URL("packages/config/src/catalogue.ts", ROOT), "utf8");
  const most = /DARKROOM_LANE_CONCURRENCY: \{[^}]*max: ([\d_]+),/.exec(text)?.[1];
  expect(Number(most?.replaceAll("_", ""))).toBe(MOST_LANE_CONCURRENCY);
});
