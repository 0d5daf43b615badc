import { afterEach, describe, expect, it } from "vitest";
import { mayBeBilled } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import type { FaultKind } from "@darkroom/twin";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

/** Runs one portrait whose calls fail like this, one after the other. */
async function lineAfter(faults: readonly FaultKind[], env: Record<string, string>) {
  engine = await startEngine({
    twin: { latencyMs: 50, faults: faults.map((fault, index) => ({ match: { call: index + 1 }, fault })) },
    env,
  });
  await engine.addPhotos(1);
  const batch = await engine.submit();
  await engine.ended(batch);
  return { line: (await engine.report(batch))[0], billed: engine.twin.ledger().billed };
}

describe("the billed field of a line", () => {
  it("is maybe if a refusal follows a call that was paid and forgotten", async () => {
    const { line, billed } = await lineAfter(["memory_lost", "content_policy"], {
      DARKROOM_DEADLINE_MS: "2000",
      DARKROOM_IDLE_MS: "1000",
    });
    expect(billed).toBe(1);
    expect(line).toMatchObject({ outcome: "content_policy", billed: "maybe" });
  });

  it("is maybe if the last attempt was cut during processing and the memory has no answer", async () => {
    const { line, billed } = await lineAfter(["memory_lost"], {
      DARKROOM_ATTEMPTS: "1",
      DARKROOM_DEADLINE_MS: "2000",
      DARKROOM_IDLE_MS: "1000",
    });
    expect(billed).toBe(1);
    expect(line).toMatchObject({ outcome: "provider_error", billed: "maybe" });
  });

  it("is yes if the last attempt was cut, and its picture is found in the provider's memory", async () => {
    const { line, billed } = await lineAfter(["cut_after_events"], { DARKROOM_ATTEMPTS: "1" });
    expect(billed).toBe(1);
    expect(line).toMatchObject({ outcome: "ok", billed: "yes" });
  });

  it("is yes also if the memory has a call that was refused before it", async () => {
    engine = await startEngine({
      twin: {
        latencyMs: ({ call }) => (call === 3 ? 4_000 : 50),
        faults: [
          { match: { call: 2 }, fault: { kind: "error_event", error_code: "RATE_LIMITED", retry_after: 0.1 } },
          // The provider has begun, and produces its picture after the client disconnected.
          { match: { call: 3 }, fault: { kind: "silence", afterEvents: 6 } },
        ],
      },
      env: { DARKROOM_ATTEMPTS: "1", DARKROOM_IDLE_MS: "500" },
    });
    await engine.addPhotos(1);
    const steps = [{ prompt: "Warmer light." }, { prompt: "Softer skin." }];
    const batch = await engine.submit({ recipe: { steps, mode: "eco" } });
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "ok", billed: "yes" });
    expect(engine.twin.ledger().bills.map(({ delivered }) => delivered)).toEqual([false, true]);
  });

  it("is no if the last call made nothing, although another was rejected before it reached the agent", async () => {
    const faults = [
      { match: { call: 1 }, fault: { kind: "http", status: 429 } as const },
      { match: { call: 2 }, fault: { kind: "error_event", error_code: "TIMEOUT", message: "timed out" } as const },
    ];
    engine = await startEngine({
      twin: { latencyMs: 50, faults },
      env: { DARKROOM_ATTEMPTS: "1", DARKROOM_DEADLINE_MS: "9000" },
    });
    await engine.addPhotos(1);
    const batch = await engine.submit();
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "timeout", billed: "no" });
    expect(engine.twin.ledger().billed).toBe(0);
  });

  it("is no if the last attempt never arrived", async () => {
    engine = await startEngine({
      env: { DARKROOM_ATTEMPTS: "1", DARKROOM_OUTAGE_FAILURES: "0", EACHLABS_BASE_URL: "http://127.0.0.1:9" },
    });
    await engine.addPhotos(1);
    const batch = await engine.submit();
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "provider_error", billed: "no" });
  });

  it("is yes if an abandoned call is found running when it is sent again", async () => {
    engine = await startEngine({
      twin: { latencyMs: 6_000, faults: [{ match: { call: 1 }, fault: "silence" }] },
      env: {
        DARKROOM_IDLE_MS: "500",
        DARKROOM_DEADLINE_MS: "2000",
        DARKROOM_PRICES: '{"each-sense":{"eco":0.02}}',
      },
    });
    await engine.addPhotos(1);
    const batch = await engine.submit();
    const mayBe = async (): Promise<boolean> => {
      const receipt = await engine.ledger.receipt(batch, 0);
      return receipt !== undefined && mayBeBilled(receipt);
    };
    await until(mayBe, {
      what: "the call to count as one that may have been paid",
      timeoutMs: 20_000,
    });
    const record = await engine.ended(batch);
    expect(engine.twin.ledger().billed).toBe(1);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "ok", billed: "yes" });
    expect(record).toMatchObject({ costUsd: 0.02, maybeUsd: 0 });
  });

  it("is yes if the session was busy with another request first", async () => {
    const { line, billed } = await lineAfter(["session_busy"], {});
    expect(billed).toBe(1);
    expect(line).toMatchObject({ outcome: "ok", billed: "yes" });
  });
});
