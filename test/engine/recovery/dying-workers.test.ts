import { afterEach, describe, expect, it } from "vitest";
import { startRedis, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
let after: (() => Promise<void>) | undefined;
afterEach(async () => {
  await engine.close();
  await after?.();
  after = undefined;
});

const openStreams = (streams: number) => ({ what: `${streams} open streams`, timeoutMs: 20_000 });

describe("a worker process", () => {
  it("killed with 50 open streams loses nothing, and nothing is paid twice", { timeout: 180_000 }, async () => {
    engine = await startEngine({
      workers: 0,
      twin: { latencyMs: [3_000, 6_000] },
      env: { DARKROOM_LANE_CONCURRENCY: "50", DARKROOM_IDLE_MS: "10000" },
    });
    await engine.addPhotos(60);
    const victim = await engine.spawnWorker();
    const batch = await engine.submit();
    await until(() => engine.twin.stats().openStreams === 50, openStreams(50));
    victim.kill("SIGKILL");
    await engine.spawnWorker();
    const record = await engine.ended(batch, 120_000);
    expect(record.counts).toMatchObject({ total: 60, succeeded: 60 });
    expect(engine.twin.ledger().billed).toBe(60);
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
  });

  it(
    "killed at an account that allows no more calls while its orphans run pays for none again",
    { timeout: 180_000 },
    async () => {
      engine = await startEngine({
        workers: 0,
        twin: { latencyMs: [18_000, 22_000], plan: { concurrent: 8 } },
        env: {
          DARKROOM_LANE_CONCURRENCY: "8",
          DARKROOM_LOCK_MS: "1000",
          DARKROOM_DEADLINE_MS: "60000",
          DARKROOM_IDLE_MS: "30000",
        },
      });
      await engine.addPhotos(8);
      const batch = await engine.submit();
      const victim = await engine.spawnWorker();
      await until(() => engine.twin.stats().openStreams === 8, openStreams(8));
      victim.kill("SIGKILL");
      await engine.spawnWorker();
      const record = await engine.ended(batch, 120_000);
      expect(record.counts).toMatchObject({ total: 8, succeeded: 8 });
      expect(engine.twin.ledger().billed).toBe(8);
      expect((await engine.report(batch)).every(({ billed, attempts }) => billed === "yes" && attempts === 1)).toBe(
        true,
      );
    },
  );

  it("dying repeatedly fails no portrait for good", { timeout: 180_000 }, async () => {
    engine = await startEngine({
      workers: 0,
      twin: { latencyMs: 60_000 },
      env: {
        DARKROOM_LANE_CONCURRENCY: "5",
        DARKROOM_LOCK_MS: "1000",
        DARKROOM_DEADLINE_MS: "120000",
        DARKROOM_IDLE_MS: "60000",
      },
    });
    await engine.addPhotos(5);
    const batch = await engine.submit();
    for (let death = 0; death < 3; death += 1) {
      const victim = await engine.spawnWorker();
      await until(() => engine.twin.stats().openStreams > 0 || death > 0, {
        what: "an open stream",
        timeoutMs: 60_000,
      });
      await until(async () => (await engine.ledger.claimTokens(batch)).size === 5, {
        what: "5 claims",
        timeoutMs: 60_000,
      });
      const tokens = new Set((await engine.ledger.claimTokens(batch)).values());
      victim.kill("SIGKILL");
      const next = await engine.spawnWorker();
      await until(
        async () => [...(await engine.ledger.claimTokens(batch)).values()].every((token) => !tokens.has(token)),
        {
          what: "the dead worker's claims taken over or given up",
          timeoutMs: 60_000,
        },
      );
      next.kill("SIGKILL");
    }
    expect((await engine.ledger.read(batch))?.counts.failed).toBe(0);
    await engine.ledger.control.cancel(batch, "seen enough");
    await engine.spawnWorker();
    const record = await engine.ended(batch, 90_000);
    expect(record.counts).toMatchObject({ total: 5, cancelled: 5 });
    expect(record.failures["cancelled_in_flight"]).toBeGreaterThan(0);
  });

  it(
    "frozen past its lock and its claim is replaced by another, and writes nothing when it resumes",
    { timeout: 180_000 },
    async () => {
      engine = await startEngine({
        workers: 0,
        twin: { latencyMs: [3_000, 5_000] },
        env: { DARKROOM_LANE_CONCURRENCY: "50", DARKROOM_WORKER_CONCURRENCY: "50", DARKROOM_IDLE_MS: "10000" },
      });
      await engine.addPhotos(50);
      const frozen = await engine.spawnWorker();
      const batch = await engine.submit();
      await until(() => engine.twin.stats().openStreams === 50, openStreams(50));
      frozen.kill("SIGSTOP");
      await engine.spawnWorker();
      await until(async () => ((await engine.ledger.read(batch))?.counts.succeeded ?? 0) > 10, {
        what: "the other worker to deliver",
        timeoutMs: 90_000,
      });
      frozen.kill("SIGCONT");
      const record = await engine.ended(batch, 120_000);
      expect(record.counts).toMatchObject({ total: 50, succeeded: 50 });
      expect(engine.twin.ledger().billed).toBe(50);
      expect(engine.twin.ledger().doubleBilled).toEqual([]);
    },
  );

  it(
    "told to stop hands its portraits over with their receipts, and none is paid again",
    { timeout: 120_000 },
    async () => {
      engine = await startEngine({
        workers: 0,
        twin: { latencyMs: [4_000, 6_000] },
        env: { DARKROOM_LANE_CONCURRENCY: "20", DARKROOM_GRACE_MS: "300", DARKROOM_IDLE_MS: "10000" },
      });
      await engine.addPhotos(20);
      const first = await engine.spawnWorker();
      const batch = await engine.submit();
      await until(() => engine.twin.stats().openStreams === 20, openStreams(20));
      const stoppedAt = performance.now();
      first.kill("SIGTERM");
      await until(() => first.exitCode !== null, { what: "the worker to end", timeoutMs: 10_000 });
      expect(first.exitCode).toBe(0);
      expect(performance.now() - stoppedAt).toBeLessThan(5_000);
      expect((await engine.ledger.read(batch))?.counts.running).toBe(0);
      await engine.spawnWorker();
      const record = await engine.ended(batch, 60_000);
      expect(record.counts).toMatchObject({ total: 20, succeeded: 20 });
      expect(engine.twin.ledger().billed).toBe(20);
      expect((await engine.report(batch)).every(({ attempts }) => attempts === 1)).toBe(true);
    },
  );
});

describe("a Redis frozen for longer than a lock", () => {
  it("runs no portrait twice", { timeout: 180_000 }, async () => {
    const redis = await startRedis();
    after = () => redis.close();
    engine = await startEngine({
      redisUrl: redis.url,
      workers: 1,
      twin: { latencyMs: [9_000, 12_000] },
      env: {
        DARKROOM_LANE_CONCURRENCY: "40",
        DARKROOM_WORKER_CONCURRENCY: "80",
        DARKROOM_IDLE_MS: "15000",
        DARKROOM_LOCK_MS: "2000",
      },
    });
    await engine.addPhotos(40);
    const batch = await engine.submit();
    await until(() => engine.twin.stats().openStreams === 40, openStreams(40));
    redis.kill("SIGSTOP");
    const frozenAt = performance.now();
    await until(() => performance.now() - frozenAt > 4_000, { what: "a freeze of two locks", timeoutMs: 10_000 });
    redis.kill("SIGCONT");
    const record = await engine.ended(batch, 120_000);
    expect(record.counts).toMatchObject({ total: 40, succeeded: 40 });
    expect(engine.twin.ledger().billed).toBe(40);
    const calls = Object.values(engine.twin.ledger().calls).flat();
    expect(calls).toHaveLength(40);
  });
});
