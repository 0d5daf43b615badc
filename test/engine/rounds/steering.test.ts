import { batchKeys } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import type { FaultRuleInput } from "@darkroom/twin";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../chaos/random.ts";
import { readText, startEngine, type ReportLine } from "../kit/engine.ts";
import { steerBatch } from "../kit/steer-batch.ts";

const PORTRAITS = 20;
const PRICE_USD = 0.05;
const PRICES = JSON.stringify({ "each-sense": { eco: PRICE_USD, max: PRICE_USD }, phota: { image: PRICE_USD } });
/** Number of paid portraits when a worker is killed. */
const KILLED_AFTER = 15;
const BATCHES = ["ada", "bea", "cleo", "dora", "edda", "fay"];

/** A few portraits refuse, fail once, or are corrupted once. */
const FAULTS: readonly FaultRuleInput[] = [
  ...[1, 4, 7].map((index) => ({ match: { portrait: nameOf(index) }, fault: "content_policy" as const })),
  ...[2, 5, 9].map((index) => ({ match: { portrait: nameOf(index), call: 1 }, fault: "no_output" as const })),
  ...[3, 6].map((index) => ({
    match: { portrait: nameOf(index), call: 1 },
    fault: { kind: "bad_output" as const, output: "corrupt" as const },
  })),
];

function nameOf(index: number): string {
  return `p${String(index).padStart(5, "0")}`;
}

test.each([
  ["each-sense", { preset: "professional-polish", mode: "eco" }],
  ["phota", { provider: "phota", preset: "professional-polish" }],
] as const)(
  "whatever users do to batches of %s, each ends, exceeds no budget, and reports what it did and what was paid",
  { timeout: 180_000 },
  async (_, recipe) => {
    const seed = process.env["DARKROOM_STEERING_SEED"] ?? "steering";
    const engine = await startEngine({
      workers: 1,
      phota: true,
      env: { DARKROOM_PRICES: PRICES, DARKROOM_LANE_CONCURRENCY: "6" },
      twin: { latencyMs: 60, faults: FAULTS },
    });
    onTestFinished(() => engine.close());
    await engine.addPhotos(PORTRAITS);
    const doomed = await engine.spawnWorker();
    const steering = Promise.all(
      BATCHES.map((name) => steerBatch(engine, seededRandom(`${seed}-${name}`), recipe, `${engine.root}${name}/`)),
    );
    await until(() => engine.twin.ledger().billed >= KILLED_AFTER, { what: "some to be paid", timeoutMs: 30_000 });
    doomed.kill("SIGKILL");
    const steered = await steering;
    let [spentUsd, atMostUsd] = [0, 0];
    for (const [place, { id, done, wrong }] of steered.entries()) {
      const what = `seed ${seed}, ${BATCHES[place] ?? ""}: ${done.join(", ")}`;
      expect(wrong, what).toEqual([]);
      const record = await engine.ended(id);
      const store = engine.openStore(`${engine.root}${BATCHES[place] ?? ""}/`);
      const text = await readText(store, batchKeys(id).reportJsonl);
      const lines = text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as ReportLine);
      const of = (state: string): readonly ReportLine[] => lines.filter((line) => line.state === state);
      expect(lines.length, what).toBe(record.counts.total);
      for (const state of ["succeeded", "skipped", "failed", "cancelled"] as const) {
        expect(of(state).length, `${state}: ${what}`).toBe(record.counts[state]);
      }
      const codes = Object.groupBy([...of("failed"), ...of("cancelled")], ({ outcome }) => outcome);
      const counted = Object.fromEntries(Object.entries(codes).map(([code, some]) => [code, some?.length]));
      expect(counted, what).toEqual(record.failures);
      spentUsd += record.costUsd + record.lostUsd;
      atMostUsd += record.costUsd + record.lostUsd + record.maybeUsd;
    }
    const billedUsd = engine.twin.ledger().billed * PRICE_USD;
    expect(spentUsd).toBeLessThanOrEqual(billedUsd + 1e-6);
    expect(atMostUsd).toBeGreaterThanOrEqual(billedUsd - 1e-6);
  },
);
