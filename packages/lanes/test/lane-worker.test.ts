import { afterEach, describe, expect, it } from "vitest";
import { newBatchId } from "@darkroom/core";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { startRedis, testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { Gate, Lane, LaneWorker, type LaneConnection, type RunPortrait } from "../src/index.ts";

type Cleanup = () => Promise<void>;
const cleanups: Cleanup[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function openLane(redisUrl = testRedisUrl()) {
  const errors: Error[] = [];
  const connection: LaneConnection = { redisUrl, namespace: testNamespace(), onError: (error) => errors.push(error) };
  const redis = connectRedis({ url: redisUrl, name: "lane-test", onError: connection.onError });
  const lane = new Lane(connection, redis, "each-sense", { firstProbeMs: 50 });
  cleanups.push(async () => {
    await lane.close();
    await closeRedis(redis);
  });
  return { connection, redis, lane, errors };
}

function startWorker(
  connection: LaneConnection,
  run: RunPortrait,
  options: { concurrency?: number; lockMs?: number } = {},
) {
  const worker = new LaneWorker(connection, {
    lane: "each-sense",
    concurrency: options.concurrency ?? 10,
    lockMs: options.lockMs ?? 5_000,
    run,
    onError: connection.onError,
  });
  worker.start();
  cleanups.push(() => worker.close());
  return worker;
}

const empty = async (lane: Lane): Promise<boolean> => {
  const { waiting, active, delayed } = await lane.counts();
  return waiting + active + delayed === 0;
};

describe("jobs", () => {
  it("run once however often they are added, and leave nothing behind", async () => {
    const { connection, lane, redis } = openLane();
    const batch = newBatchId();
    const runs: number[] = [];
    await lane.add(batch, 0, [0, 1, 2], false);
    await lane.add(batch, 0, [2, 1, 0], false);
    startWorker(connection, async ({ i }) => {
      runs.push(i);
      return { kind: "finished" };
    });
    await until(async () => runs.length === 3 && (await empty(lane)), { what: "three runs" });
    expect(runs.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    expect(await redis.keys(`{${connection.namespace}:each-sense}*:${batch}-*`)).toEqual([]);
  });

  it("added with priority run before waiting ones, in order of arrival", async () => {
    const { connection, lane } = openLane();
    const runs: string[] = [];
    await lane.add("bulk", 0, [0, 1], false);
    await lane.add("team", 0, [7, 8], true);
    await lane.add("bulk", 0, [2], false);
    await lane.add("later", 0, [0], true);
    startWorker(
      connection,
      async ({ b, i }) => {
        runs.push(`${b} ${i}`);
        return { kind: "finished" };
      },
      { concurrency: 1 },
    );
    await until(() => runs.length === 6, { what: "six runs" });
    expect(runs).toEqual(["team 7", "team 8", "later 0", "bulk 0", "bulk 1", "bulk 2"]);
  });

  it("return after their delay and never fail for good", async () => {
    const { connection, lane, errors } = openLane();
    let runs = 0;
    await lane.add("b", 0, [0], false);
    startWorker(connection, async () => {
      runs += 1;
      return runs < 6 ? { kind: "later", delayMs: 1 } : { kind: "finished" };
    });
    await until(async () => runs === 6 && (await empty(lane)), { what: "six runs" });
    expect(errors).toEqual([]);
  });

  it("return when a run throws", async () => {
    const { connection, lane, errors } = openLane();
    let runs = 0;
    await lane.add("b", 0, [0], false);
    startWorker(connection, async () => {
      runs += 1;
      if (runs === 1) throw new Error("a fault of ours");
      return { kind: "finished" };
    });
    await until(() => runs === 2, { what: "the second run" });
    expect(errors.map(({ message }) => message)).toEqual(["a fault of ours"]);
  });

  it("that are gone from the lane are reported as missing", async () => {
    const { lane } = openLane();
    await lane.add("b", 1, [0, 2], false);
    expect(await lane.missing("b", 3, [0, 1, 2, 3])).toEqual([1, 3]);
  });
});

describe("handover", () => {
  it("returns aborted portraits at once for another worker", async () => {
    const { connection, lane } = openLane();
    await lane.add("b", 0, [0, 1, 2, 3], false);
    let started = 0;
    const first = startWorker(connection, async (_job, { signal }) => {
      started += 1;
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      return { kind: "handed-back" };
    });
    await until(() => started === 4, { what: "four streams" });
    await first.quiet();
    expect(await first.drain(10)).toBe(false);
    first.abort(new Error("stopping"));
    expect(await first.drain(2_000)).toBe(true);
    const taken: number[] = [];
    startWorker(connection, async ({ i }) => {
      taken.push(i);
      return { kind: "finished" };
    });
    await until(() => taken.length === 4, { what: "all taken over" });
    expect(taken.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  it("takes no more work once it is quiet", async () => {
    const { connection, lane } = openLane();
    let runs = 0;
    const worker = startWorker(connection, async () => {
      runs += 1;
      return { kind: "finished" };
    });
    await worker.quiet();
    await lane.add("b", 0, [0], false);
    await lane.setConcurrency(5);
    expect(runs).toBe(0);
    expect((await lane.counts()).waiting).toBe(1);
  });
});

describe("a lost lock", () => {
  it("starts no second run beside a live one, and completes the job once", { timeout: 60_000 }, async () => {
    const redis = await startRedis();
    cleanups.push(() => redis.close());
    const { connection, lane, errors } = openLane(redis.url);
    let concurrent = 0;
    let most = 0;
    let runs = 0;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await lane.add("b", 0, [0, 1, 2], false);
    startWorker(
      connection,
      async () => {
        runs += 1;
        concurrent += 1;
        most = Math.max(most, concurrent);
        if (runs <= 3) await held;
        concurrent -= 1;
        return { kind: "finished" };
      },
      { lockMs: 1_500, concurrency: 20 },
    );
    await until(() => runs === 3, { what: "three runs" });
    redis.kill("SIGSTOP");
    const frozenAt = performance.now();
    await until(() => performance.now() - frozenAt > 3_500, {
      what: "a freeze longer than the lock",
      timeoutMs: 10_000,
    });
    redis.kill("SIGCONT");
    // Stalled jobs return to this process, are delayed, and end only after the first runs.
    await until(() => errors.some(({ message }) => message.includes("lock")), {
      what: "the lost locks",
      timeoutMs: 20_000,
    });
    const sinceThaw = performance.now();
    await until(() => performance.now() - sinceThaw > 3_000, { what: "several stalled checks", timeoutMs: 10_000 });
    expect(most).toBe(3);
    release();
    await until(async () => concurrent === 0 && (await empty(lane)), { what: "an empty lane", timeoutMs: 30_000 });
    expect(most).toBe(3);
  });
});

describe("a blocked lane", () => {
  it("stops, lets one portrait through when a probe is due, and continues after it", async () => {
    const { connection, lane, redis } = openLane();
    const gate = new Gate(redis, connection.namespace, "each-sense", { concurrency: 10 });
    await lane.setConcurrency(10);
    let balance = 0;
    const called: number[] = [];
    startWorker(connection, async ({ i }) => {
      const leaseId = `call-${called.length}-${i}`;
      const answer = await gate.enter(leaseId);
      if (answer.kind !== "entered") return { kind: "later", delayMs: 20 };
      called.push(i);
      await gate.leave(leaseId);
      if (balance === 0) {
        await lane.block("balance", "top up", { leaseId, enteredAt: answer.enteredAt });
        return { kind: "handed-back" };
      }
      if (answer.probing) await lane.unblock(10, leaseId);
      return { kind: "finished" };
    });
    await lane.add("b", 0, [0, 1, 2, 3, 4], false);
    await until(async () => (await lane.blocked()) !== undefined && (await lane.counts()).active === 0, {
      what: "blocked",
    });
    const before = called.length;
    await until(() => lane.probeIfDue(), { what: "a first probe" });
    await until(async () => (await lane.blocked())?.probes === 1, { what: "a failed probe" });
    expect(called.length).toBe(before + 1);
    balance = 5;
    await until(() => lane.probeIfDue(), { what: "a second probe" });
    await until(() => empty(lane), { what: "everything done" });
    expect(await lane.blocked()).toBeUndefined();
  });

  it("is probed although portraits that began before still run", async () => {
    const { connection, lane } = openLane();
    await lane.setConcurrency(2);
    const runs: number[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    startWorker(connection, async ({ i }) => {
      runs.push(i);
      if (i < 2) await held;
      return { kind: "finished" };
    });
    await lane.add("b", 0, [0, 1], false);
    await until(() => runs.length === 2, { what: "two long runs" });
    await lane.block("balance", "top up");
    await lane.add("b", 0, [2, 3], false);
    await until(() => lane.probeIfDue(), { what: "a probe" });
    expect(await until(() => runs[2], { what: "the probe's run" })).toBeGreaterThan(1);
    release();
    await lane.unblock(10);
    await until(() => empty(lane), { what: "everything done" });
  });
});

describe("a lane whose process died between two steps", () => {
  it("resumes when it is paused without a reason", async () => {
    const { connection, lane, redis } = openLane();
    let runs = 0;
    startWorker(connection, async () => {
      runs += 1;
      return { kind: "finished" };
    });
    await lane.block("balance", "top up");
    await lane.add("b", 0, [0], false);
    expect(await lane.resync(10)).toBe(false);
    const [key = ""] = await redis.keys(`{${connection.namespace}:each-sense}:lane:blocked`);
    await redis.del(key);
    expect(await lane.resync(10)).toBe(true);
    await until(() => runs === 1, { what: "the lane to go on" });
  });

  it("is probed when its queue was not opened for it, and pauses when its queue was not closed", async () => {
    const { connection, lane, redis } = openLane();
    let runs = 0;
    startWorker(connection, async () => {
      runs += 1;
      return { kind: "later", delayMs: 60_000 };
    });
    await lane.block("balance", "top up");
    await lane.add("b", 0, [0], false);
    const [key = ""] = await redis.keys(`{${connection.namespace}:each-sense}:lane:blocked`);
    // The producer died after it recorded the probe and before it opened the queue.
    await redis.hset(key, "probingSince", Date.now());
    await lane.resync(10);
    await until(() => runs === 1, { what: "the probe" });
    // The worker died after it recorded the refusal and before it paused the queue.
    await redis.hdel(key, "probingSince");
    await lane.resync(10);
    await lane.add("b", 0, [1], false);
    await until(async () => (await lane.counts()).waiting === 1, { what: "a portrait that waits" });
    expect(runs).toBe(1);
  });

  it("adopts the present limit when the queue's limit differs", async () => {
    const { lane, connection, redis } = openLane();
    await lane.setConcurrency(10);
    await lane.resync(4);
    expect(await redis.hget(`{${connection.namespace}:each-sense}:portraits:meta`, "concurrency")).toBe("4");
  });
});
