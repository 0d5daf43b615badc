import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { Lane } from "@darkroom/lanes";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";
import { checkRemains } from "../chaos/check-remains.ts";

let engine: Engine;
afterEach(async () => await engine.close());

const PORTRAITS = 40;

/**
 * Starts a batch in a lane with fast calls, so that its portraits share jobs of 20, and a worker that is processing
 * them.
 */
async function startShared() {
  engine = await startEngine({ workers: 0, twin: { latencyMs: 800 } });
  await engine.addPhotos(PORTRAITS);
  const batch = await engine.submit();
  const { namespace, url } = engine.settings.redis;
  await until(async () => ((await engine.ledger.read(batch))?.counts.queued ?? 0) > 0, { what: "the window" });
  const lane = new Lane({ redisUrl: url, namespace, onError: () => undefined }, engine.redis, "twin");
  const indexes = Array.from({ length: PORTRAITS }, (_, index) => index);
  const epoch = (await engine.ledger.read(batch))?.epoch ?? 0;
  // Added before the window's jobs, which then find their portraits claimed or ended.
  await lane.addTogether(batch, epoch, indexes, { first: true, together: 20 });
  await lane.close();
  const worker = await engine.spawnWorker();
  await until(() => engine.twin.stats().openStreams >= 10, { what: "open streams", timeoutMs: 30_000 });
  return { batch, worker };
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}

describe("a worker with jobs of several portraits", () => {
  it.each(["SIGKILL", "SIGTERM"] as const)(
    "that ends by %s: all are delivered, nothing is paid twice, and no job is left",
    { timeout: 120_000 },
    async (signal) => {
      const { batch, worker } = await startShared();
      await end(worker, signal);
      await engine.spawnWorker();
      const { counts } = await engine.ended(batch, 90_000);
      expect(counts).toMatchObject({ total: PORTRAITS, succeeded: PORTRAITS });
      expect(await engine.report(batch)).toHaveLength(PORTRAITS);
      const { billed, doubleBilled } = engine.twin.ledger();
      expect({ billed, doubleBilled }).toEqual({ billed: PORTRAITS, doubleBilled: [] });
      expect(await checkRemains(engine, batch)).toEqual([]);
    },
  );

  it("whose batch is cancelled: each ends once, and no job is left", { timeout: 120_000 }, async () => {
    const { batch } = await startShared();
    await postTo(engine, `/batches/${batch}/cancel`);
    const { counts } = await engine.ended(batch, 90_000);
    expect(counts.succeeded + counts.cancelled).toBe(PORTRAITS);
    expect(counts.cancelled).toBeGreaterThan(0);
    expect(await engine.report(batch)).toHaveLength(PORTRAITS);
    expect(await checkRemains(engine, batch)).toEqual([]);
  });
});
