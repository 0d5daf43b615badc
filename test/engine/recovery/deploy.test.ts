import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

/**
 * Stops a process like an orchestrator.
 *
 * @returns its exit code
 */
async function stop(child: ChildProcess): Promise<number | null> {
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
  return child.exitCode;
}

describe("a new version deployed during a batch", () => {
  it(
    "takes over from the old one, process by process: nothing is lost, nothing is paid twice",
    { timeout: 120_000 },
    async () => {
      engine = await startEngine({
        producer: false,
        workers: 0,
        twin: { latencyMs: 700 },
        env: { DARKROOM_LANE_CONCURRENCY: "30", DARKROOM_WORKER_CONCURRENCY: "15", DARKROOM_GRACE_MS: "300" },
      });
      await engine.addPhotos(400);
      const batch = await engine.submit();
      const old = await Promise.all([engine.spawnProducer(), engine.spawnWorker(), engine.spawnWorker()]);
      await engine.settledAtLeast(batch, 60);
      // The new process starts before the old one stops. Streams that outlive the grace period are handed over.
      for (const [place, child] of old.entries()) {
        await (place === 0 ? engine.spawnProducer() : engine.spawnWorker());
        expect(await stop(child)).toBe(0);
        await engine.settledAtLeast(batch, 60 + 60 * (place + 1));
      }
      const record = await engine.ended(batch, 90_000);
      expect(record.counts).toMatchObject({ total: 400, succeeded: 400 });
      expect(await engine.report(batch)).toHaveLength(400);
      const ledger = engine.twin.ledger();
      expect(ledger.billed).toBe(400);
      expect(ledger.doubleBilled).toEqual([]);
      // The stop interrupted some calls, whose pictures were found in the provider's memory.
      expect(Object.values(ledger.calls).some((calls) => calls.length > 0)).toBe(true);
    },
  );
});
