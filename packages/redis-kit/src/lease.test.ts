import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeRedis, connectRedis, type RedisConnection } from "./connect.ts";
import { Lease } from "./lease.ts";

const LONG_MS = 60_000;
let redis: RedisConnection;

beforeAll(() => {
  redis = connectRedis({ url: testRedisUrl(), name: "lease-test", onError: () => undefined });
});

afterAll(() => closeRedis(redis));

test("a lease has one holder at a time, even with concurrent requests", async () => {
  const key = testNamespace();
  const leases = Array.from({ length: 20 }, () => new Lease(redis, key, LONG_MS));
  const held = await Promise.all(leases.map((lease) => lease.hold()));
  expect(held.filter(Boolean)).toHaveLength(1);
  const holder = leases[held.indexOf(true)];
  expect(await holder?.hold()).toBe(true);
  await holder?.release();
});

test("a released lease is free at once", async () => {
  const key = testNamespace();
  const [first, second] = [new Lease(redis, key, LONG_MS), new Lease(redis, key, LONG_MS)];
  expect([await first.hold(), await second.hold()]).toEqual([true, false]);
  await first.release();
  expect([await second.hold(), await first.hold()]).toEqual([true, false]);
  await second.release();
  expect(await redis.exists(key)).toBe(0);
});

test("an expired lease is taken over, and its former holder is told", async () => {
  const key = testNamespace();
  const [dead, heir] = [new Lease(redis, key, 200), new Lease(redis, key, LONG_MS)];
  expect([await dead.hold(), await heir.hold()]).toEqual([true, false]);
  await until(() => heir.hold(), { what: "the takeover" });
  expect(await dead.hold(performance.now() + 200)).toBe(false);
  await dead.release();
  expect(await heir.hold(performance.now() + LONG_MS)).toBe(true);
  await heir.release();
});

test("a lease is renewed after a third of its lifetime, not before", async () => {
  const key = testNamespace();
  const lease = new Lease(redis, key, LONG_MS);
  const start = performance.now();
  await lease.hold(start);
  await redis.pexpire(key, 1_000);
  await lease.hold(start + LONG_MS / 3 - 1);
  expect(await redis.pttl(key)).toBeLessThanOrEqual(1_000);
  await lease.hold(start + LONG_MS / 3);
  expect(await redis.pttl(key)).toBeGreaterThan(LONG_MS / 2);
  await lease.release();
});
