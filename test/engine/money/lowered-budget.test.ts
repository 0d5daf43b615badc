import { afterEach, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
afterEach(async () => await engine.close());

it(
  "a budget lowered while partly paid portraits wait pauses the batch, and nothing more is paid",
  { timeout: 90_000 },
  async () => {
    const fault = { kind: "http", status: 503, retryAfterS: 3 } as const;
    engine = await startEngine({
      twin: { latencyMs: 50, faults: [{ match: { call: 2 }, fault }] },
      env: {
        DARKROOM_PRICES: '{"each-sense":{"eco":0.05,"max":0.05}}',
        DARKROOM_OUTAGE_FAILURES: "0",
        DARKROOM_BACKOFF_CAP_MS: "5000",
      },
    });
    await engine.addPhotos(4);
    const steps = [{ prompt: "Warmer light." }, { prompt: "A grey background." }];
    const id = await engine.submit({ recipe: { steps, mode: "eco" }, maxCostUsd: 0.4 });
    const calls = (): number => Object.values(engine.twin.ledger().calls).flat().length;
    await until(() => calls() >= 8, { what: "each second call to be refused", timeoutMs: 30_000 });
    await postTo(engine, `/batches/${id}/pause`);
    const read = () => engine.ledger.read(id);
    await until(async () => (await read())?.counts.pending === 4, { what: "all to be parked", timeoutMs: 30_000 });
    await postTo(engine, `/batches/${id}/resume`, { maxCostUsd: 0.24 });
    await until(async () => (await read())?.pausedBy === "budget", { what: "the budget to pause it" });
    expect(await read()).toMatchObject({ state: "paused", counts: { pending: 4 } });
    expect(engine.twin.ledger().bills).toHaveLength(4);
    await postTo(engine, `/batches/${id}/resume`, { maxCostUsd: 0.4 });
    expect(await engine.ended(id)).toMatchObject({ state: "completed", costUsd: 0.4 });
  },
);
