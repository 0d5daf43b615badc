import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { startCluster, until } from "@darkroom/testkit";
import { expect, test } from "vitest";
import { LaneWorker } from "../src/lane-worker.ts";
import { Lane, type LaneConnection } from "../src/lane.ts";

test("on a cluster a lane hands out jobs, finds missing ones, and closes", { timeout: 60_000 }, async () => {
  await using cluster = await startCluster();
  const errors: Error[] = [];
  const connection: LaneConnection = {
    redisUrl: cluster.url,
    namespace: "cluster-test",
    onError: (error) => errors.push(error),
  };
  const redis = connectRedis({ url: cluster.url, name: "cluster-test", onError: connection.onError });
  const lane = new Lane(connection, redis, "studio");
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
  await until(() => seen.length === 3, { what: "the jobs" });
  expect(new Set(seen)).toEqual(new Set([1, 2, 3]));
  await worker.quiet();
  await worker.close();
  await Promise.all([lane.close(), closeRedis(redis)]);
  expect(errors).toEqual([]);
});
