import { afterEach, expect, it } from "vitest";
import { closeRedis, connectRedis, type RedisConnection } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { laneKeys } from "../src/lane-keys.ts";
import { LeftSessions, MOST_LEFT_SESSIONS } from "../src/index.ts";

let redis: RedisConnection | undefined;
afterEach(async () => {
  if (redis !== undefined) await closeRedis(redis);
});

function open() {
  redis = connectRedis({ url: testRedisUrl(), name: "sessions-test", onError: () => undefined });
  const keys = laneKeys(testNamespace(), "each-sense");
  return { keys, redis, sessions: new LeftSessions(redis, keys) };
}

it("gives each session to one worker, and again only after it is returned", async () => {
  const { sessions } = open();
  await sessions.note(["a", "b", "c"]);
  await sessions.note(["a"]);
  expect(await sessions.count()).toBe(3);
  const [one, other] = await Promise.all([sessions.take(2), sessions.take(2)]);
  expect([...one, ...other].toSorted()).toEqual(["a", "b", "c"]);
  expect(await sessions.take(5)).toEqual([]);
  await sessions.done(["a", "b"]);
  await sessions.back(["c"]);
  expect(await sessions.take(5)).toEqual(["c"]);
  await sessions.done(["c"]);
  expect(await sessions.count()).toBe(0);
});

it("queues a session whose deletion failed behind all others", async () => {
  const { sessions, redis: at } = open();
  const nowMs = async () => {
    const [seconds, micros] = await at.time();
    return Math.floor(Number(seconds) * 1_000 + Number(micros) / 1_000);
  };
  const later = async () => {
    const before = await nowMs();
    await until(async () => (await nowMs()) > before, { what: "a later time of Redis", everyMs: 1 });
  };
  await sessions.note(["stubborn"]);
  await later();
  await sessions.note(["next"]);
  expect(await sessions.take(1)).toEqual(["stubborn"]);
  await later();
  await sessions.back(["stubborn"]);
  expect(await sessions.take(1)).toEqual(["next"]);
});

it("keeps only the newest sessions within its limit, and none that the provider has expired", async () => {
  const { sessions, redis: at, keys } = open();
  await at.zadd(keys.sessionsDue, 1, "lapsed");
  await at.zadd(keys.sessionsSince, 1, "lapsed");
  await sessions.note(["new"]);
  expect(await sessions.take(5)).toEqual(["new"]);
  expect(await sessions.count()).toBe(1);
  const many = Array.from({ length: MOST_LEFT_SESSIONS }, (_, nth) => `many-${nth}`);
  expect(await sessions.note(many)).toBe(1);
  expect(await sessions.count()).toBe(MOST_LEFT_SESSIONS);
  expect(await at.zscore(keys.sessionsDue, "new")).toBeNull();
});
