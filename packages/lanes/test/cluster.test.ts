import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { startCluster, until } from "@darkroom/testkit";
import { expect, test } from "vitest";
import { LaneWorker } from "../src/lane-worker.ts";
import { Lane, type LaneConnection } from "../src/lane.ts";
import { TickQueue } from "../src/tick-queue.ts";

test("on a cluster a lane hands out jobs, finds missing ones, ticks, and closes", { timeout: 60_000 }, async () => {
  await using cluster = await startCluster();
  const errors: Error[] = [];
  const connection: LaneConnection = {
    redisUrl: cluster.url,
    namespace: "cluster-test",
    onError: (error) => errors.push(error),
  };
  const redis = connectRedis({ url: cluster.url, name: "cluster-test", onError: connection.onError });
  const lane = new Lane(connection, redis, "studio");
  const ticks = new TickQueue(connection);
  const ticked: string[] = [];
  ticks.listen(async (schedule) => void ticked.push(schedule));
  await lane.add("b1", 1, [1, 2, 3], false);
  expect(await lane.missing("b1", 3, [1, 2, 3, 4])).toEqual([4]);
  expect(await lane.counts()).toMatchObject({ waiting: 3 });
  const seen: number[] = [];
  const worker = new LaneWorker(connection, {
    lane: "studio",
    concurrency: 2,
    lockMs: 4_000,
    run: async ({ i }) => {
      seen.push(i);
      return { kind: "finished" };
    },
    onError: connection.onError,
  });
  worker.start();
  await ticks.set("nightly", "0 2 * * *", "Europe/Berlin");
  await ticks.tickNow("nightly");
  await until(() => seen.length === 3 && ticked.length === 1, { what: "the jobs and the tick" });
  expect(new Set(seen)).toEqual(new Set([1, 2, 3]));
  expect(await ticks.nextTick("nightly")).toBeGreaterThan(Date.now());
  await worker.quiet();
  await worker.close();
  await Promise.all([lane.close(), ticks.close(), closeRedis(redis)]);
  expect(errors).toEqual([]);
});
