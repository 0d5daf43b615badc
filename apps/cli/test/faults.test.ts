import { afterEach, expect, it } from "vitest";
import { startEngine, type Engine } from "./engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

it(
  "takes 2,000 portraits through 10 % random faults, each ended once and none paid twice",
  { timeout: 300_000 },
  async () => {
    engine = await startEngine({
      twin: { latencyMs: [5, 40], seed: "two thousand", randomFaults: { rate: 0.1 } },
      env: { DARKROOM_LANE_CONCURRENCY: "50", DARKROOM_ATTEMPTS: "8" },
    });
    await engine.addPhotos(2_000);
    const record = await engine.ended(await engine.submit(), 240_000);
    const lines = await engine.report(record.spec.id);
    expect(new Set(lines.map(({ index }) => index)).size).toBe(2_000);
    const ledger = engine.twin.ledger();
    expect(ledger.doubleBilled.filter(({ by }) => by === "session")).toEqual([]);
    // What the twin calls unfixable fails at its first call with that code; everything else is delivered.
    const codes = new Map(lines.filter(({ state }) => state === "failed").map((line) => [line.id, line]));
    for (const line of codes.values()) {
      expect(line.outcome, JSON.stringify(line)).toMatch(
        /^(content_policy|no_face|invalid_image|invalid_request|corrupt_output|unchanged_output|result_unavailable|no_output|needs_clarification)$/,
      );
    }
    for (const line of lines.filter(({ outcome }) => outcome === "content_policy" || outcome === "no_face")) {
      const calls = Object.entries(ledger.calls).find(([portrait]) => portrait.endsWith(`/${line.id}`))?.[1] ?? [];
      expect(calls.filter(({ fault }) => fault === "content_policy" || fault === "no_face")).toHaveLength(1);
      expect(calls.at(-1)?.fault).toBe(line.outcome);
    }
    const faulted = Object.values(ledger.calls)
      .flat()
      .filter(({ fault }) => fault !== undefined);
    expect(faulted.length).toBeGreaterThan(100);
    expect(record.counts.succeeded).toBeGreaterThan(1_900);
  },
);
