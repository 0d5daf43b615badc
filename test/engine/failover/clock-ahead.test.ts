import { afterEach, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
afterEach(async () => await engine.close());

/** A process whose clock is one day ahead, like a machine without NTP. */
const AHEAD = offBy("%2B86400000");
/** A process whose clock is one day behind. */
const BEHIND = offBy("-86400000");

function offBy(ms: string): { readonly NODE_OPTIONS: string } {
  const clock = `const%20own%3DDate.now.bind(Date)%3BDate.now%3D()%3D%3Eown()${ms}`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${clock}` };
}

it("a worker whose clock is a day ahead does not delay anything by a day", { timeout: 90_000 }, async () => {
  const fault = { kind: "http", status: 503, retryAfterS: 4 } as const;
  engine = await startEngine({
    workers: 0,
    twin: { latencyMs: 50, faults: [{ match: { portrait: "p00000", call: 1 }, fault }] },
    env: { DARKROOM_LOCK_MS: "2000" },
  });
  await engine.addPhotos(3);
  const wrong = await engine.spawnWorker(AHEAD);
  const id = await engine.submit();
  await until(async () => (await engine.ledger.read(id))?.counts.retrying === 1, { what: "the retry" });
  const [wait] = await engine.ledger.waits.count(id);
  expect((wait?.nextLookMs ?? 0) - Date.now()).toBeLessThan(6_000);
  wrong.kill("SIGKILL");
  await engine.spawnWorker();
  expect(await engine.ended(id, 40_000)).toMatchObject({ counts: { succeeded: 3 } });
});

it(
  "a worker whose clock is a day ahead does not call earlier than the provider asked",
  { timeout: 90_000 },
  async () => {
    const fault = { kind: "http", status: 503, retryAfterS: 4 } as const;
    engine = await startEngine({
      workers: 0,
      twin: { latencyMs: 50, faults: [{ match: { portrait: "p00000", call: 1 }, fault }] },
    });
    await engine.addPhotos(1);
    await engine.spawnWorker(AHEAD);
    const id = await engine.submit();
    await until(async () => (await engine.ledger.read(id))?.counts.retrying === 1, { what: "the retry" });
    const putOffAt = performance.now();
    expect(await engine.ended(id, 40_000)).toMatchObject({ counts: { succeeded: 1 } });
    expect(performance.now() - putOffAt).toBeGreaterThan(3_000);
  },
);

it(
  "continues a retry after the deadline that was ordered at an API whose clock is a day behind",
  { timeout: 90_000 },
  async () => {
    engine = await startEngine({ twin: { latencyMs: 1_500 }, env: { DARKROOM_LANE_CONCURRENCY: "1" } });
    await engine.addPhotos(10);
    const id = await engine.submit({ deadline: new Date(Date.now() + 2_000).toISOString() });
    expect(await engine.ended(id, 40_000)).toMatchObject({ state: "cancelled" });
    const { url } = await engine.spawnApi(BEHIND);
    await postTo({ api: { url } } as Pick<Engine, "api">, `/batches/${id}/retry`, {});
    expect(await engine.ended(id, 40_000)).toMatchObject({ counts: { succeeded: 10 } });
  },
);
