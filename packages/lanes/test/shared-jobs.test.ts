import { afterEach, expect, test } from "vitest";
import { Worker } from "bullmq";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { Lane, LaneWorker, type LaneConnection, type RunPortrait } from "../src/index.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function openLane() {
  const errors: Error[] = [];
  const connection: LaneConnection = {
    redisUrl: testRedisUrl(),
    namespace: testNamespace(),
    onError: (error) => errors.push(error),
  };
  const redis = connectRedis({ url: connection.redisUrl, name: "lane-test", onError: connection.onError });
  const lane = new Lane(connection, redis, "studio");
  cleanups.push(async () => {
    await lane.close();
    await closeRedis(redis);
  });
  const startWorker = (run: RunPortrait, { concurrency = 10, lockMs = 5_000 } = {}): LaneWorker => {
    const worker = new LaneWorker(connection, { lane, concurrency, lockMs, run, onError: connection.onError });
    worker.start();
    cleanups.push(() => worker.close());
    return worker;
  };
  const add = (indexes: readonly number[], together = 25, batch = "b", epoch = 0): Promise<void> =>
    lane.addTogether(batch, epoch, indexes, { first: false, together });
  const isEmpty = async (): Promise<boolean> => Object.values(await lane.counts()).every((count) => count === 0);
  return { connection, redis, lane, errors, startWorker, add, isEmpty };
}

const upTo = (end: number): readonly number[] => Array.from({ length: end }, (_, index) => index);

/** Returns runs that end on request. */
function holding() {
  const ends = new Map<number, () => void>();
  let most = 0;
  const run = async (index: number): Promise<void> => {
    const held = new Promise<void>((resolve) => ends.set(index, resolve));
    most = Math.max(most, ends.size);
    await held;
    ends.delete(index);
  };
  return {
    run,
    get running() {
      return ends.size;
    },
    get most() {
      return most;
    },
    endAll: (): void => {
      for (const end of ends.values()) end();
    },
  };
}

test("each portrait of a job runs once, and the lane is empty afterwards", async () => {
  const { redis, connection, startWorker, add, isEmpty } = openLane();
  const runs: number[] = [];
  await add(upTo(30));
  await add(upTo(30));
  startWorker(async ({ i }) => {
    runs.push(i);
    return { kind: "finished" };
  });
  await until(async () => runs.length === 30 && (await isEmpty()), { what: "thirty runs" });
  expect(runs.toSorted((a, b) => a - b)).toEqual(upTo(30));
  expect(await redis.keys(`{${connection.namespace}:studio}*:b-*`)).toEqual([]);
});

test("portraits that do not follow each other get jobs of their own", async () => {
  const { lane, redis, connection, add } = openLane();
  await add([1, 2, 5, 7, 8, 9], 2, "b", 3);
  const keys = await redis.keys(`{${connection.namespace}:studio}:portraits:b-*`);
  expect(new Set(keys.map((key) => key.split(":").at(-1)))).toEqual(new Set(["b-1+2-3", "b-5-3", "b-7+2-3", "b-9-3"]));
  expect(await lane.missing("b", 3, upTo(11))).toEqual([0, 3, 4, 6, 10]);
  expect(await lane.counts()).toEqual({ waiting: 6, active: 0, delayed: 0 });
});

test("a worker runs as many portraits at once as it may, however many are in its jobs", async () => {
  const { startWorker, add, isEmpty } = openLane();
  const held = holding();
  let ended = 0;
  await add(upTo(80), 8);
  startWorker(
    async ({ i }) => {
      await held.run(i);
      ended += 1;
      return { kind: "finished" };
    },
    { concurrency: 10 },
  );
  await until(() => held.running === 10, { what: "ten runs" });
  await until(
    () => {
      held.endAll();
      return ended === 80;
    },
    { what: "eighty ends" },
  );
  expect(held.most).toBe(10);
  await until(isEmpty, { what: "an empty lane" });
});

test("portraits that find no slot go to a worker that has one", async () => {
  const { startWorker, add, lane, isEmpty } = openLane();
  const slow = holding();
  const taken: number[] = [];
  await add(upTo(6));
  startWorker(
    async ({ i }) => {
      await slow.run(i);
      return { kind: "finished" };
    },
    { concurrency: 2 },
  );
  await until(() => slow.running === 2, { what: "two runs" });
  startWorker(async ({ i }) => {
    taken.push(i);
    return { kind: "finished" };
  });
  await until(() => taken.length === 4, { what: "the others", timeoutMs: 20_000 });
  expect(taken.toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5]);
  expect((await lane.counts()).delayed).toBe(0);
  slow.endAll();
  await until(isEmpty, { what: "an empty lane" });
});

test("one that must wait gets a job of its own, which is due after its delay; the others end", async () => {
  const { startWorker, add, lane, isEmpty } = openLane();
  const runs: number[] = [];
  await add(upTo(5));
  startWorker(async ({ i }) => {
    runs.push(i);
    return i === 3 && runs.length <= 5 ? { kind: "later", delayMs: 400 } : { kind: "finished" };
  });
  await until(async () => (await lane.counts()).active === 0 && runs.length === 5, { what: "the job's end" });
  expect(await lane.counts()).toEqual({ waiting: 0, active: 0, delayed: 1 });
  expect(await lane.delayed(5)).toEqual([{ b: "b", i: 3 }]);
  expect(await lane.missing("b", 0, upTo(5))).toEqual([0, 1, 2, 4]);
  await until(async () => runs.length === 6 && (await isEmpty()), { what: "its second run" });
  expect(runs.at(-1)).toBe(3);
});

test("a run that throws returns alone", async () => {
  const { startWorker, add, errors, isEmpty } = openLane();
  const runs: number[] = [];
  await add(upTo(4));
  startWorker(async ({ i }) => {
    runs.push(i);
    if (i === 2 && runs.length <= 4) throw new Error("a fault of ours");
    return { kind: "finished" };
  });
  await until(async () => runs.length === 5 && (await isEmpty()), { what: "its second run" });
  expect(runs.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 2, 3]);
  expect(errors.map(({ message }) => message)).toEqual(["a fault of ours"]);
});

test("a worker that stops hands back what runs and what waits for a slot, for another worker", async () => {
  const { startWorker, add } = openLane();
  await add(upTo(20));
  let started = 0;
  const first = startWorker(
    async (_portrait, { signal }) => {
      started += 1;
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      return { kind: "handed-back" };
    },
    { concurrency: 6 },
  );
  await until(() => started === 6, { what: "six streams" });
  await first.quiet();
  expect(await first.drain(10)).toBe(false);
  first.abort(new Error("stopping"));
  expect(await first.drain(2_000)).toBe(true);
  expect(started).toBe(6);
  const taken: number[] = [];
  startWorker(async ({ i }) => {
    taken.push(i);
    return { kind: "finished" };
  });
  await until(() => taken.length === 20, { what: "all taken over" });
  expect(taken.toSorted((a, b) => a - b)).toEqual(upTo(20));
});

test("the job of a dead worker returns, and runs no portrait that waits in a job of its own", async () => {
  const { connection, lane, startWorker, add, isEmpty } = openLane();
  await add(upTo(6));
  // Creates a worker that takes the job, delays one portrait, and dies, so that no process renews its lock.
  const dead = new Worker("portraits", null, {
    connection: { url: connection.redisUrl },
    prefix: `{${connection.namespace}:studio}`,
    lockDuration: 500,
  });
  cleanups.push(() => dead.close());
  expect((await dead.getNextJob("of the dead"))?.data).toEqual({ b: "b", i: 0, n: 6, e: 0 });
  await lane.addAlone({ b: "b", i: 1 }, 0, { first: false, delayMs: 3_000 });
  const taken: number[] = [];
  startWorker(
    async ({ i }) => {
      taken.push(i);
      return { kind: "finished" };
    },
    { lockMs: 500 },
  );
  await until(() => taken.length === 5, { what: "its job again", timeoutMs: 20_000 });
  expect(taken.toSorted((a, b) => a - b)).toEqual([0, 2, 3, 4, 5]);
  await until(async () => taken.length === 6 && (await isEmpty()), { what: "the one that waited" });
  expect(taken.at(-1)).toBe(1);
});
