import { afterEach, expect, it } from "vitest";
import { Lane } from "@darkroom/lanes";
import { batchLedgerKeys, newClaimToken, Presence } from "@darkroom/ledger";
import { startSentinels, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "./engine.ts";
import { startHttpFront } from "./http-front.ts";

const COUNT = 60;
const AT_ONCE = 10;

const after: (() => Promise<void>)[] = [];
let engine: Engine;
afterEach(async () => {
  for (const close of after.splice(0).reverse()) await close();
});

/** A provider in front of the provider: from `hold` on, sessions are cleared only once `release` says so. */
async function startHoldingProxy() {
  let held = 0;
  let gate: PromiseWithResolvers<void> | undefined;
  const front = await startHttpFront(undefined, {
    answers: async ({ method }) => {
      if (method === "DELETE" && gate !== undefined) {
        held += 1;
        await gate.promise;
      }
      return false;
    },
  });
  return {
    ...front,
    held: () => held,
    hold: () => void (gate = Promise.withResolvers()),
    release: () => {
      gate?.resolve();
      gate = undefined;
      held = 0;
    },
  };
}

it(
  "a portrait whose settling was lost with the master, and whose job left the queue of its successor, is found again",
  { timeout: 180_000 },
  async () => {
    const stack = await startSentinels();
    after.push(() => stack.close());
    const proxy = await startHoldingProxy();
    after.push(() => proxy.close());
    engine = await startEngine({
      redisUrl: stack.url,
      workers: 2,
      twin: { latencyMs: [20, 60] },
      env: {
        DARKROOM_LANE_CONCURRENCY: String(AT_ONCE),
        // The jobs' locks live through the fail-over.
        DARKROOM_LOCK_MS: "20000",
        EACHLABS_BASE_URL: proxy.url,
      },
    });
    after.push(() => engine.close());
    proxy.passTo(engine.twin.url);
    await engine.addPhotos(COUNT);
    const batch = await engine.submit();
    await engine.settledAtLeast(batch, COUNT / 4);
    // The replicas lose the master and are not let in again: what it writes from now on dies with it.
    await engine.redis.call("ACL", "SETUSER", "default", "-psync");
    await engine.redis.call("CLIENT", "KILL", "TYPE", "replica");
    proxy.hold();
    // Each has been settled, and its job leaves the queue once its session is cleared.
    await until(() => proxy.held() === AT_ONCE, {
      what: "portraits between settling and the end of their jobs",
      timeoutMs: 30_000,
    });
    const succeeded = async (): Promise<number> => (await engine.ledger.read(batch))?.counts.succeeded ?? 0;
    const before = await succeeded();
    process.kill(stack.servers[0]?.pid ?? 0, "SIGKILL");
    expect(await succeeded()).toBeLessThan(before);
    proxy.release();
    const record = await engine.ended(batch, 100_000);
    expect(record.counts).toMatchObject({ total: COUNT, succeeded: COUNT });
    const lines = await engine.report(batch);
    expect(new Set(lines.map(({ index }) => index)).size).toBe(COUNT);
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
    expect(engine.twin.ledger().billed).toBe(COUNT);
  },
);

it("a worker that meets another's claim asks that one whether it still works on it", { timeout: 60_000 }, async () => {
  engine = await startEngine({ twin: { latencyMs: 500 } });
  after.push(() => engine.close());
  const { namespace } = engine.settings.redis;
  // A worker that lives, and has forgotten this claim.
  const other = new Presence(engine.redis, namespace);
  await other.start();
  after.push(() => other.stop(true));
  await engine.addPhotos(1);
  const batch = await engine.submit();
  await until(async () => (await engine.ledger.claims(batch)).has(0), { what: "the portrait's run" });
  const token = newClaimToken(other.workerId);
  await engine.redis.hset(batchLedgerKeys(namespace, batch).claims, "0", token);
  const asked = await until(
    async () => {
      await addJob(batch);
      const doubts = await engine.ledger.doubts.take(other.workerId);
      return doubts.length > 0 && doubts;
    },
    { what: "the worker's question", everyMs: 200 },
  );
  expect(asked).toEqual([{ batchId: batch, index: 0, token }]);
  await engine.ledger.requeueLost(batch, new Map([[0, token]]));
  expect((await engine.ended(batch)).counts).toMatchObject({ total: 1, succeeded: 1 });
  expect(engine.twin.ledger().doubleBilled).toEqual([]);
});

/** The portrait's job, as a stalled one that comes again. */
async function addJob(batch: string): Promise<void> {
  const record = await engine.ledger.read(batch);
  const { url, namespace } = engine.settings.redis;
  const lane = new Lane({ redisUrl: url, namespace, onError: () => undefined }, engine.redis, record?.lane ?? "");
  await lane.add(batch, record?.epoch ?? 0, [0], true);
  await lane.close();
}
