import { afterEach, expect, it } from "vitest";
import { Lane } from "@darkroom/lanes";
import { batchLedgerKeys, newClaimToken, WorkerHeartbeats } from "@darkroom/ledger";
import { startSentinels, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHoldingFront } from "../kit/holding-front.ts";
import { cutReplicas, killMaster, LOSSY_DOWN_AFTER_MS, succeededAtReplicas } from "../kit/lossy-master.ts";

const COUNT = 60;
const AT_ONCE = 10;

const after: (() => Promise<void>)[] = [];
let engine: Engine;
afterEach(async () => {
  for (const close of after.splice(0).reverse()) await close();
});

it(
  "finds a portrait again whose settle was lost with the master and whose job is gone from its successor",
  { timeout: 180_000 },
  async () => {
    const stack = await startSentinels({ downAfterMs: LOSSY_DOWN_AFTER_MS });
    after.push(() => stack.close());
    const front = await startHoldingFront();
    after.push(() => front.close());
    engine = await startEngine({
      redisUrl: stack.url,
      workers: 2,
      twin: { latencyMs: [20, 60] },
      env: {
        DARKROOM_LANE_CONCURRENCY: String(AT_ONCE),
        // Makes the jobs' locks outlive the failover.
        DARKROOM_LOCK_MS: "20000",
        EACHLABS_BASE_URL: front.url,
      },
    });
    after.push(() => engine.close());
    front.passTo(engine.twin.url);
    await engine.addPhotos(COUNT);
    const batch = await engine.submit();
    await engine.settledAtLeast(batch, COUNT / 4);
    await cutReplicas(engine);
    front.hold((asked) => asked.startsWith("DELETE "));
    // Each portrait is settled, and its job leaves the queue once its session is deleted.
    await until(() => front.held().length === AT_ONCE, {
      what: "portraits between settling and the end of their jobs",
      timeoutMs: 25_000,
    });
    const known = (await engine.ledger.read(batch))?.counts.succeeded ?? 0;
    expect(await succeededAtReplicas(engine, stack, batch)).toBeLessThan(known);
    await killMaster(engine);
    front.release();
    const record = await engine.ended(batch, 100_000);
    expect(record.counts).toMatchObject({ total: COUNT, succeeded: COUNT });
    const lines = await engine.report(batch);
    expect(new Set(lines.map(({ index }) => index)).size).toBe(COUNT);
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
    expect(engine.twin.ledger().billed).toBe(COUNT);
  },
);

it(
  "a worker that meets another worker's claim asks whether that one still works on it",
  { timeout: 60_000 },
  async () => {
    engine = await startEngine({ twin: { latencyMs: 500 } });
    after.push(() => engine.close());
    const { namespace } = engine.settings.redis;
    // A live worker that has forgotten this claim.
    const other = new WorkerHeartbeats(engine.redis, namespace);
    await other.start();
    after.push(() => other.stop(true));
    await engine.addPhotos(1);
    const batch = await engine.submit();
    await until(async () => (await engine.ledger.claimTokens(batch)).has(0), { what: "the portrait's run" });
    const token = newClaimToken(other.workerId);
    await engine.redis.hset(batchLedgerKeys(namespace, batch).claims, "0", token);
    const asked = await until(
      async () => {
        await addJob(batch);
        const doubts = await engine.ledger.claimQueries.take(other.workerId);
        return doubts.length > 0 && doubts;
      },
      { what: "the worker's question", everyMs: 200 },
    );
    expect(asked).toEqual([{ batchId: batch, index: 0, token }]);
    await engine.ledger.backlog.requeueLost(batch, new Map([[0, token]]));
    expect((await engine.ended(batch)).counts).toMatchObject({ total: 1, succeeded: 1 });
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
  },
);

/** Adds the portrait's job again, as if redelivered after a stall. */
async function addJob(batch: string): Promise<void> {
  const record = await engine.ledger.read(batch);
  const { url, namespace } = engine.settings.redis;
  const lane = new Lane({ redisUrl: url, namespace, onError: () => undefined }, engine.redis, record?.lane ?? "");
  await lane.add(batch, record?.epoch ?? 0, [0], true);
  await lane.close();
}
