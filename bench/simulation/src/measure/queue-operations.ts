import { Lane, LaneWorker, type LaneConnection } from "@darkroom/lanes";
import type { Cost } from "./measured.ts";
import type { MeasuredRedis } from "./private-redis.ts";

/** Connections that add one job each at a time. */
const AT_ONCE = 8;

type QueueOperation = "add" | "finishAndNext" | "wake" | "extendLocks";

/** Measures BullMQ's costs: jobs added, handed out and ended, idle workers woken, locks renewed. */
export async function measureQueue(
  redis: MeasuredRedis,
  connection: LaneConnection,
  lane: Lane,
): Promise<Record<QueueOperation, Cost> & { readonly addJobOwnUs: number }> {
  let next = 0;
  const add = async (count: number): Promise<void> => {
    const indexes = Array.from({ length: count }, () => next++);
    await lane.add("measured", 0, indexes, false);
  };
  const cpuOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = await redis.cpuUs();
    await work();
    return (await redis.cpuUs()) - before;
  };
  await lane.setConcurrency(100_000);
  const lanes = Array.from({ length: AT_ONCE }, () => new Lane(connection, redis.connect("lane"), lane.name));
  await Promise.all(lanes.map((each) => each.add("measured", 0, [next++], false)));
  const addOne =
    (await cpuOf(async () => {
      for (let round = 0; round < 50; round += 1) {
        await Promise.all(lanes.map((each) => each.add("measured", 0, [next++], false)));
      }
    })) /
    (50 * AT_ONCE);
  const own = process.cpuUsage();
  const addMany =
    (await cpuOf(async () => {
      for (let round = 0; round < 10; round += 1) await add(1_000);
    })) / 10;
  const { user, system } = process.cpuUsage(own);
  const each = (addMany - addOne) / 999;

  let ended = 0;
  const startWorkers = (count: number, concurrency: number, run: () => Promise<void>, lockMs: number) =>
    Array.from(
      { length: count },
      () =>
        new LaneWorker(connection, {
          lane: lane.name,
          concurrency,
          lockMs,
          run: async () => {
            await run();
            ended += 1;
            return { kind: "finished" };
          },
          onError: () => undefined,
        }),
    );
  const reached = async (count: () => number, wanted: number): Promise<void> => {
    while (count() < wanted) await new Promise((resolve) => setImmediate(resolve));
  };
  // Workers that are never idle take all waiting jobs.
  const busy = startWorkers(4, 10, () => Promise.resolve(), 60_000);
  const waiting = next;
  const finish =
    (await cpuOf(async () => {
      for (const worker of busy) worker.start();
      await reached(() => ended, waiting);
    })) / waiting;
  // Adds a few jobs at a time with every worker idle. The difference to adding and ending is the cost of waking.
  ended = 0;
  const TRICKLES = 60;
  const trickle =
    (await cpuOf(async () => {
      for (let round = 1; round <= TRICKLES; round += 1) {
        await Promise.all(lanes.map((one) => one.add("measured", 0, [next++], false)));
        await reached(() => ended, round * AT_ONCE);
      }
    })) /
    (TRICKLES * AT_ONCE);
  await Promise.all(lanes.map((one) => one.close()));
  await Promise.all(busy.map((worker) => worker.close()));

  const locks = async (count: number): Promise<{ us: number; renewed: number }> => {
    const holding = Promise.withResolvers<void>();
    let running = 0;
    const [holder] = startWorkers(
      1,
      count,
      async () => {
        running += 1;
        await holding.promise;
      },
      2_000,
    );
    await add(count);
    holder?.start();
    await reached(() => running, count);
    const before = await redis.calls("set");
    const us = await cpuOf(async () => {
      const until = performance.now() + 3_000;
      while (performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    });
    const renewed = (await redis.calls("set")) - before;
    holding.resolve();
    await holder?.drain(10_000);
    await holder?.close();
    return { us, renewed };
  };
  /** Ends jobs in any order while this many run, because the queue searches the list of running jobs for each. */
  const endings = async (active: number): Promise<number> => {
    const ENDED = 400;
    const holds: PromiseWithResolvers<void>[] = [];
    const [holder] = startWorkers(
      1,
      active,
      async () => {
        const hold = Promise.withResolvers<void>();
        holds.push(hold);
        await hold.promise;
      },
      600_000,
    );
    for (let left = active; left > 0; left -= 1_000) await add(Math.min(left, 1_000));
    holder?.start();
    await reached(() => holds.length, active);
    const before = ended;
    const us = await cpuOf(async () => {
      // A stride without a common factor visits all jobs in a scattered order.
      for (let place = 0; place < ENDED; place += 1) holds[(place * 7_919) % active]?.resolve();
      await reached(() => ended - before, Math.min(ENDED, active));
    });
    for (const hold of holds) hold.resolve();
    await holder?.drain(60_000);
    await holder?.close();
    return us / Math.min(ENDED, active);
  };
  const endedAmongFew = await endings(400);
  const endedAmongMany = await endings(10_000);
  const eachRunning = Math.max(0, (endedAmongMany - endedAmongFew) / (10_000 - 400));
  const few = await locks(50);
  const many = await locks(1_000);
  return {
    addJobOwnUs: (user + system) / 10_000,
    add: { base: Math.max(0, addOne - each), each },
    finishAndNext: { base: finish, each: eachRunning },
    wake: { base: Math.max(0, trickle - addOne - finish), each: 0 },
    extendLocks: {
      base: Math.max(0, addOne - each),
      each: Math.max(0, (many.us - few.us) / Math.max(1, many.renewed - few.renewed)),
    },
  };
}
