import { afterEach, expect, it } from "vitest";
import { RANDOM_FAULT_KINDS } from "@darkroom/twin";
import { startEngine, type Engine } from "../kit/engine.ts";

/** `npm run chaos` runs thousands of portraits through faults. */
const PORTRAITS = 400;
/** Refusals that no retry overcomes. */
const UNFIXABLE = ["content_policy", "no_face"] as const;
const isUnfixable = (fault: string | null | undefined): boolean => UNFIXABLE.some((kind) => kind === fault);

let engine: Engine;
afterEach(async () => await engine.close());

it(
  "completes 400 portraits with faults at every fourth call, each ended once and none paid twice",
  { timeout: 300_000 },
  async () => {
    engine = await startEngine({
      twin: {
        latencyMs: [5, 40],
        seed: "four hundred",
        randomFaults: { rate: 0.25, kinds: [...RANDOM_FAULT_KINDS, ...UNFIXABLE] },
      },
      env: { DARKROOM_LANE_CONCURRENCY: "50", DARKROOM_ATTEMPTS: "12" },
    });
    await engine.addPhotos(PORTRAITS);
    const record = await engine.ended(await engine.submit(), 240_000);
    const lines = await engine.report(record.spec.id);
    expect(new Set(lines.map(({ index }) => index)).size).toBe(PORTRAITS);
    const ledger = engine.twin.ledger();
    expect(ledger.doubleBilled.filter(({ by }) => by === "session")).toEqual([]);
    // Portraits that the simulator refuses permanently fail with that code at that call. All others are delivered.
    const callsOf = new Map(
      Object.entries(ledger.calls).map(([portrait, calls]) => [portrait.split("/").at(-1), calls]),
    );
    const refused = [...callsOf].filter(([, calls]) => calls.some(({ fault }) => isUnfixable(fault)));
    for (const kind of UNFIXABLE)
      expect(refused.filter(([, calls]) => calls.at(-1)?.fault === kind).length).toBeGreaterThan(0);
    const ended = new Map(lines.map((line) => [line.id, line]));
    for (const [id, calls] of refused) {
      expect(calls.findIndex(({ fault }) => isUnfixable(fault))).toBe(calls.length - 1);
      expect(ended.get(id ?? "")).toMatchObject({ state: "failed", outcome: calls.at(-1)?.fault });
    }
    expect(record.counts.failed).toBe(refused.length);
    expect(record.counts.succeeded).toBe(PORTRAITS - refused.length);
    const faulted = Object.values(ledger.calls)
      .flat()
      .filter(({ fault }) => fault !== undefined);
    expect(faulted.length).toBeGreaterThan(60);
  },
);
