import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import { expect, onTestFinished, test } from "vitest";
import { LaneSet } from "./lane-set.ts";

test("opens each lane and gate once, with the lane's own limits", async () => {
  const onError = (): void => undefined;
  const redis = connectRedis({ url: testRedisUrl(), name: "lane-set-test", onError });
  onTestFinished(() => closeRedis(redis));
  const connection = { redisUrl: testRedisUrl(), namespace: testNamespace(), onError };
  const limits: Readonly<Record<string, number>> = { wide: 7, narrow: 2 };
  const asked: string[] = [];
  const lanes = new LaneSet({
    connection,
    redis,
    limitsOf: (name) => ({ concurrency: limits[name] ?? 1 }),
    optionsOf: (name) => {
      asked.push(name);
      return {};
    },
  });
  const { lane, gate } = lanes;
  expect(lane("wide").name).toBe("wide");
  expect(lane("wide")).toBe(lane("wide"));
  expect(lane("narrow")).not.toBe(lane("wide"));
  expect(asked).toEqual(["wide", "narrow"]);
  expect(gate("wide")).toBe(gate("wide"));
  expect((await gate("wide").state()).concurrency).toBe(7);
  expect((await gate("narrow").state()).concurrency).toBe(2);
  await lanes.close();
  expect(await redis.ping()).toBe("PONG");
});
