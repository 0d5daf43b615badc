import { afterEach, describe, expect, it } from "vitest";
import { batchKeys, type BatchStatus } from "@darkroom/core";
import { controlText, readText, startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

async function retry(id: string, body?: unknown): Promise<{ status: number; body: BatchStatus }> {
  const response = await fetch(`${engine.api.url}/v1/batches/${id}/retry`, {
    method: "POST",
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  return { status: response.status, body: (await response.json()) as BatchStatus };
}

describe("a retry", () => {
  it("reopens failed portraits by code in the same batch; one report, the latest outcome wins", async () => {
    engine = await startEngine({
      twin: {
        faults: [
          ...[0, 1, 2, 3, 4].map((n) => ({ match: { portrait: `p0000${n}` }, fault: "no_output" as const })),
          ...[5, 6].map((n) => ({ match: { portrait: `p0000${n}` }, fault: "content_policy" as const })),
        ],
      },
      env: { DARKROOM_BREAKER: "false", DARKROOM_ATTEMPTS: "1" },
    });
    await engine.addPhotos(30);
    const id = await engine.submit();
    const first = await engine.ended(id);
    expect(first.failures).toEqual({ no_output: 5, content_policy: 2 });
    const paid = engine.twin.ledger().billed;
    engine.twin.faults.clear();

    const { status, body } = await retry(id, { codes: ["no_output"] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: "running", endedAt: null });
    const second = await engine.ended(id);
    expect(second.failures).toEqual({ content_policy: 2 });
    expect(second.counts).toMatchObject({ succeeded: 28, failed: 2, pending: 0 });
    expect(engine.twin.ledger().billed - paid).toBe(5);
    const lines = await engine.report(id);
    expect(lines).toHaveLength(30);
    expect(lines.filter(({ round }) => round === 1).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);

    // With another recipe, refused portraits are also worth a retry.
    expect((await retry(id, { recipe: { mode: "max" } })).status).toBe(200);
    const third = await engine.ended(id);
    expect(third).toMatchObject({ state: "completed", failures: {}, counts: { succeeded: 30 } });
    expect(third.rounds.map(({ number, opened }) => [number, opened])).toEqual([
      [1, 5],
      [2, 2],
    ]);
    const [spec, control] = await Promise.all([
      readText(engine.results, batchKeys(id).spec),
      controlText(engine.results, id),
    ]);
    expect(JSON.parse(spec)).toMatchObject({ recipe: { mode: "eco" }, ended: { round: 2 } });
    expect(JSON.parse(control)).toMatchObject({
      rounds: [{ number: 1 }, { number: 2, recipe: { mode: "max" } }],
    });
    expect((await engine.report(id)).filter(({ round }) => round === 2).map(({ index }) => index)).toEqual([5, 6]);
  });

  it("continues with the portraits that a cancelled batch never started", async () => {
    engine = await startEngine({ twin: { latencyMs: 300 }, env: { DARKROOM_LANE_CONCURRENCY: "4" } });
    await engine.addPhotos(40);
    const id = await engine.submit();
    await engine.settledAtLeast(id, 4);
    await engine.ledger.control.cancel(id, "by mistake");
    await engine.bus.tell({ type: "batch-cancelled", batch: id });
    const cancelled = await engine.ended(id);
    expect(cancelled.counts.cancelled).toBeGreaterThan(20);
    const { status, body } = await retry(id);
    expect(status, JSON.stringify(body)).toBe(200);
    const record = await engine.ended(id);
    expect(record).toMatchObject({ state: "completed", failures: {}, counts: { succeeded: 40, cancelled: 0 } });
    expect((await engine.report(id)).map(({ state }) => state)).toEqual(Array.from({ length: 40 }, () => "succeeded"));
  });

  it("explains why it is not possible", async () => {
    engine = await startEngine();
    await engine.addPhotos(3);
    const id = await engine.submit();
    await engine.ended(id);
    expect((await retry(id)).status).toBe(409);
    expect((await retry(id, { codes: ["invalid_row"] })).status).toBe(400);
    expect((await retry("01k9zzzzzzzzzzzzzzzzzzzzzz")).status).toBe(404);
  });
});

describe("a recipe's own retry limits", () => {
  it("limit the attempts of its portraits", async () => {
    engine = await startEngine({ twin: { faults: [{ match: {}, fault: { kind: "http", status: 500 } }] } });
    await engine.addPhotos(2);
    const retryPolicy = { attempts: 2, backoffBaseMs: 100, backoffCapMs: 100 };
    const id = await engine.submit({ recipe: { preset: "professional-polish", mode: "eco", retry: retryPolicy } });
    const record = await engine.ended(id);
    expect(record.failures).toEqual({ provider_error: 2 });
    expect((await engine.report(id)).map(({ attempts }) => attempts)).toEqual([2, 2]);
  });
});
