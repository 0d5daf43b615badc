import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { hungryFiles, makeSuspects } from "../kit/deadly-portraits.ts";
import { startEngine, type Engine } from "../kit/engine.ts";

const TIMEOUT = { timeout: 180_000 };
const SLOW = { latencyMs: 4_000 };

let engine: Engine;
afterEach(async () => await engine.close());

const hasChildren = existsSync(`/proc/self/task/${process.pid}/children`);
if (!hasChildren) console.warn("this system does not tell a process's children: whether they go is not looked at");

async function childrenOf(pid: number | undefined): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.trim() === "" ? [] : text.trim().split(" ").map(Number);
}

/** Creates a batch of suspects before any worker runs. */
async function suspects(count: number, name?: (index: number) => string): Promise<string> {
  await engine.addPhotos(count, name);
  const batch = await engine.submit();
  const isRead = async () => (await engine.ledger.read(batch))?.counts.total === count;
  await until(isRead, { what: "the source to be read" });
  await makeSuspects(engine, batch, count);
  return batch;
}

const isCalled = { what: "the call", timeoutMs: 60_000 };

describe("a portrait that is run alone", () => {
  it(
    "ends when it takes memory endlessly, while its neighbours are delivered and the worker lives",
    TIMEOUT,
    async () => {
      engine = await startEngine({ workers: 0, env: { DARKROOM_ISOLATED_MEMORY_MB: "300" } });
      const batch = await suspects(2, (index) => ["a.jpg", "b-deadly.jpg"][index] ?? "");
      const worker = await engine.spawnWorker(hungryFiles());
      const record = await engine.ended(batch, 120_000);
      expect(record.failures).toEqual({ worker_died: 1 });
      expect(record.counts).toMatchObject({ succeeded: 1, failed: 1 });
      const said = (await engine.ledger.details(batch, [1])).get(1);
      expect(said).toMatchObject({ billed: "no", message: expect.stringContaining("more than its limit of 300 MiB") });
      expect(worker.exitCode ?? worker.signalCode).toBeNull();
    },
  );

  it(
    "is handed back by a worker that is told to stop, without counting as a death, and is paid once",
    TIMEOUT,
    async () => {
      engine = await startEngine({ workers: 0, twin: SLOW, env: { DARKROOM_GRACE_MS: "300" } });
      const batch = await suspects(1);
      const first = await engine.spawnWorker();
      await until(() => engine.twin.stats().running === 1, isCalled);
      const gone = once(first, "exit");
      first.kill("SIGTERM");
      await gone;
      expect(first.exitCode).toBe(0);
      expect((await engine.ledger.read(batch))?.counts.running).toBe(0);
      expect(await engine.ledger.deaths(batch, 0)).toEqual({ all: 2, alone: 0 });
      await engine.spawnWorker();
      expect((await engine.ended(batch)).counts.succeeded).toBe(1);
      expect(engine.twin.ledger().billed).toBe(1);
    },
  );

  it("ends at once when its batch is cancelled", TIMEOUT, async () => {
    engine = await startEngine({ workers: 0, twin: { latencyMs: 30_000 }, env: { DARKROOM_IDLE_MS: "20000" } });
    const batch = await suspects(1);
    await engine.spawnWorker();
    await until(() => engine.twin.stats().running === 1, isCalled);
    await engine.ledger.control.cancel(batch, "enough");
    await engine.bus.tell({ type: "batch-cancelled", batch });
    expect((await engine.ended(batch, 20_000)).failures).toEqual({ cancelled_in_flight: 1 });
  });

  it.skipIf(!hasChildren)("ends with its worker", TIMEOUT, async () => {
    engine = await startEngine({ workers: 0, twin: { latencyMs: 30_000 }, env: { DARKROOM_IDLE_MS: "20000" } });
    await suspects(1);
    const worker = await engine.spawnWorker();
    await until(() => engine.twin.stats().running === 1, isCalled);
    const children = await childrenOf(worker.pid);
    expect(children).toHaveLength(1);
    worker.kill("SIGKILL");
    const areGone = () => children.every((pid) => !existsSync(`/proc/${pid}/exe`));
    await until(areGone, { what: "its process to go", timeoutMs: 10_000 });
  });
});
