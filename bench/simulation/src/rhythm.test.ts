import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { RHYTHM } from "./producer-model.ts";
import { UPKEEP_RHYTHM } from "./upkeep.ts";
import { NUDGE_EVERY_MS } from "./workers-model.ts";

const ROOT = new URL("../../../", import.meta.url);

async function constantIn(path: string, name: string): Promise<number> {
  const text = await readFile(new URL(path, ROOT), "utf8");
  const found = new RegExp(`const ${name} = ([\\d_]+);`).exec(text)?.[1];
  if (found === undefined) throw new Error(`${path} has no ${name}`);
  return Number(found.replaceAll("_", ""));
}

/** What the simulation has beside the real feeder is the engine's own rhythm, number by number. */
test.each([
  ["apps/producer/src/keeper.ts", "ROUND_MS", RHYTHM.ROUND_MS],
  ["apps/producer/src/run-rounds.ts", "ROUND_MS_PER_BATCH", RHYTHM.ROUND_MS_PER_BATCH],
  ["apps/producer/src/start-producer.ts", "LEASE_MS", RHYTHM.LEASE_MS],
  ["apps/producer/src/keeper.ts", "SAMPLE_MS", RHYTHM.SAMPLE_MS],
  ["apps/producer/src/keeper.ts", "DRAIN_MS", RHYTHM.DRAIN_MS],
  ["apps/producer/src/keeper.ts", "SWEEP_MS", RHYTHM.SWEEP_MS],
  ["apps/worker/src/signals.ts", "NUDGE_EVERY_MS", NUDGE_EVERY_MS],
  ["packages/ledger/src/presence.ts", "BEAT_MS", UPKEEP_RHYTHM.BEAT_MS],
  ["packages/lanes/src/lane-worker.ts", "STALLED_CHECKS_PER_LOCK", UPKEEP_RHYTHM.STALLED_CHECKS_PER_LOCK],
])("%s: %s", async (path, name, mirrored) => {
  expect(await constantIn(path, name)).toBe(mirrored);
});

test("a nudge is sent where the engine sends it", async () => {
  const text = await readFile(new URL("apps/worker/src/conclude.ts", ROOT), "utf8");
  expect(text).toContain("answer.queued <= lane.concurrency / 4");
});
