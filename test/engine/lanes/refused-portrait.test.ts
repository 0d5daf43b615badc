import { afterEach, describe, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import type { Twin } from "@darkroom/twin";
import { startEngine, type Engine } from "../kit/engine.ts";

const TIMEOUT = { timeout: 120_000 };

let engine: Engine;
afterEach(async () => await engine.close());

/** Returns how often the provider was called for a portrait. */
function callsFor(twin: Twin, portrait: string): number {
  return Object.entries(twin.ledger().calls)
    .filter(([name]) => name.includes(portrait))
    .reduce((sum, [, calls]) => sum + calls.length, 0);
}

describe("one portrait that the account always refuses", () => {
  it("fails once the account has answered others in between, and delays no others", TIMEOUT, async () => {
    engine = await startEngine({
      workers: 2,
      twin: {
        latencyMs: 400,
        faults: [{ match: { portrait: "p00003", call: "every" }, fault: { kind: "http", status: 403 } }],
      },
      env: { DARKROOM_PROBE_MS: "200", DARKROOM_LANE_CONCURRENCY: "4" },
    });
    await engine.addPhotos(120);
    const id = await engine.submit();
    const record = await engine.ended(id);
    expect(record.counts).toMatchObject({ total: 120, succeeded: 119, failed: 1 });
    expect(record.failures).toEqual({ invalid_request: 1 });
    const lines = await engine.report(id);
    expect(lines.find(({ outcome }) => outcome === "invalid_request")).toMatchObject({ index: 3, billed: "no" });
    expect(lines.find(({ index }) => index === 3)?.message).toMatch(/refused this portrait 3 times.*API key expired/);
    expect(callsFor(engine.twin, "p00003")).toBe(3);
    expect(lines.filter(({ index, attempts }) => index !== 3 && attempts !== 1)).toEqual([]);
    expect(engine.twin.ledger()).toMatchObject({ billed: 119, doubleBilled: [] });
  });

  it("does not delay the end of its batch, even if it is the last one", TIMEOUT, async () => {
    engine = await startEngine({
      twin: {
        latencyMs: 20,
        faults: [{ match: { portrait: "p00000", call: "every" }, fault: { kind: "http", status: 403 } }],
      },
      env: { DARKROOM_PROBE_MS: "200", DARKROOM_LANE_CONCURRENCY: "1" },
    });
    await engine.addPhotos(3);
    const record = await engine.ended(await engine.submit());
    expect(record).toMatchObject({ state: "completed_with_failures", failures: { invalid_request: 1 } });
    expect(record.counts).toMatchObject({ total: 3, succeeded: 2, failed: 1 });
    expect(callsFor(engine.twin, "p00000")).toBe(3);
  });

  it("is not the next probe of the lane that it has blocked", TIMEOUT, async () => {
    engine = await startEngine({
      twin: {
        latencyMs: 20,
        faults: [{ match: { portrait: "p00000", call: "every" }, fault: { kind: "http", status: 402 } }],
      },
      env: { DARKROOM_PROBE_MS: "500", DARKROOM_LANE_CONCURRENCY: "1" },
    });
    await engine.addPhotos(3);
    const id = await engine.submit();
    await engine.settledAtLeast(id, 1);
    expect(callsFor(engine.twin, "p00000")).toBe(1);
    // A single portrait cannot be judged: the account may be empty, so the batch waits for an operator.
    await engine.settledAtLeast(id, 2);
    await until(() => callsFor(engine.twin, "p00000") >= 2, { what: "a probe" });
    expect((await engine.ledger.read(id))?.counts).toMatchObject({ failed: 0, succeeded: 2 });
  });
});
