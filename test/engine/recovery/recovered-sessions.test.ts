import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startTwin } from "@darkroom/twin";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";
import { startRefusingFront } from "@darkroom/testkit";

let engine: Engine | undefined;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine?.close();
  await redis?.close();
  [engine, redis] = [undefined, undefined];
});

const recover = (on: Engine): Promise<unknown> => postTo(on, "/recoveries", { destination: `${on.root}out/` });

async function stop(worker: ChildProcess): Promise<void> {
  const gone = once(worker, "exit");
  worker.kill("SIGTERM");
  await gone;
}

it(
  "leaves no sessions at the provider of portraits in flight when Redis was emptied",
  { timeout: 120_000 },
  async () => {
    redis = await startRedis();
    const on = await startEngine({
      redisUrl: redis.url,
      twin: { latencyMs: 60 },
      env: { DARKROOM_LANE_CONCURRENCY: "20" },
    });
    engine = on;
    await on.addPhotos(120);
    const batchId = await on.submit();
    await on.settledAtLeast(batchId, 40);
    await on.redis.flushall();
    await until(() => on.twin.stats().openStreams === 0, { what: "the calls to end", timeoutMs: 30_000 });
    expect(on.twin.stats().sessions).toBeGreaterThan(0);
    await recover(on);
    const { counts } = await on.ended(batchId, 60_000);
    expect(counts).toMatchObject({ total: 120, succeeded: 120 });
    expect(on.twin.ledger().billed).toBe(120);
    await until(() => on.twin.stats().sessions === 0, { what: "every session to be cleared", timeoutMs: 10_000 });
  },
);

it("deletes no sessions of portraits that another batch had delivered", { timeout: 120_000 }, async () => {
  redis = await startRedis();
  const twin = await startTwin({ latencyMs: 5, work: "light" });
  onTestFinished(() => twin.close());
  const front = await startRefusingFront(twin.url);
  onTestFinished(() => front.close());
  const env = { EACHLABS_BASE_URL: front.url, EACHLABS_API_KEY: twin.apiKey };
  const on = await startEngine({ redisUrl: redis.url, workers: 0, env });
  engine = on;
  await on.addPhotos(10);
  const first = await on.spawnWorker();
  await on.ended(await on.submit());
  await stop(first);
  const batchId = await on.submit();
  await until(async () => (await on.ledger.read(batchId))?.counts.total === 10, { what: "the portraits" });
  await on.redis.flushall();
  await recover(on);
  // A session that cannot be deleted now would be recorded for later.
  front.refuse(503, "DELETE");
  const second = await on.spawnWorker();
  const { counts } = await on.ended(batchId, 60_000);
  expect(counts).toMatchObject({ total: 10, skipped: 10 });
  await stop(second);
  expect(front.refused).toEqual([]);
  expect(twin.ledger().billed).toBe(10);
});

it(
  "does not pay again for calls that had answered the agent's question when Redis was emptied",
  { timeout: 120_000 },
  async () => {
    redis = await startRedis();
    const on = await startEngine({
      redisUrl: redis.url,
      twin: {
        latencyMs: ({ call }) => (call === 2 ? 1_500 : 20),
        faults: [{ fault: { kind: "ask", untilAnswered: true } }],
      },
    });
    engine = on;
    await on.addPhotos(6);
    const batchId = await on.submit({
      recipe: { preset: "professional-polish", mode: "eco", clarificationAnswer: "Natural." },
    });
    const calls = () => Object.values(on.twin.ledger().calls).flat();
    await until(() => calls().length === 12, { what: "the answers to be given", timeoutMs: 30_000 });
    await on.redis.flushall();
    await until(() => on.twin.stats().running === 0, { what: "the pictures to be made", timeoutMs: 30_000 });
    expect(on.twin.ledger().billed).toBe(6);
    await recover(on);
    const { counts } = await on.ended(batchId);
    expect(counts).toMatchObject({ total: 6, succeeded: 6 });
    expect({ billed: on.twin.ledger().billed, calls: calls().length }).toEqual({ billed: 6, calls: 12 });
    expect((await on.report(batchId)).map(({ billed }) => billed)).toEqual(Array.from({ length: 6 }, () => "yes"));
  },
);
