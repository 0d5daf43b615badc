import { startRedis, type PrivateRedis } from "@darkroom/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { defineBundledScript, ScriptBundles } from "./bundled-script.ts";
import { closeRedis, connectRedis, type RedisConnection } from "./connect.ts";

const add = defineBundledScript("local sum = KEYS[1]", ["by"], "return redis.call('INCRBY', sum, by)");
let server: PrivateRedis;
let redis: RedisConnection;
let bundles: ScriptBundles;

beforeAll(async () => {
  // A private server, because the test changes the statistics and memory limit of the whole server.
  server = await startRedis();
  redis = connectRedis({ url: server.url, name: "bundle-test", onError: () => undefined, whenRefused: "fail" });
  bundles = new ScriptBundles(redis);
  await redis.script("LOAD", add.lua);
});

beforeEach(async () => {
  await redis.config("RESETSTAT");
});

afterAll(async () => {
  await closeRedis(redis);
  await server.close();
});

function addTo(key: string, by: number | string): Promise<unknown> {
  return bundles.run(add, key, () => [key], [by]);
}

async function scripts(): Promise<number> {
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1] ?? 0);
}

test("sends the calls of one tick as one script for each owner, and gives each its own answer", async () => {
  expect(await Promise.all([addTo("a", 1), addTo("b", 10), addTo("a", 2), addTo("b", 20)])).toEqual([1, 10, 3, 30]);
  expect(await scripts()).toBe(2);
});

test("sends a call of its own at once, and at most 50 together", async () => {
  expect(await addTo("c", 1)).toBe(1);
  expect(await scripts()).toBe(1);
  await Promise.all(Array.from({ length: 120 }, () => addTo("c", 1)));
  expect([await redis.get("c"), await scripts()]).toEqual(["121", 1 + 3]);
});

test("an error of one call reaches only its caller, and the others are carried out once", async () => {
  const settled = await Promise.allSettled([addTo("d", 1), addTo("d", "x"), addTo("d", 2)]);
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(String((settled[1] as PromiseRejectedResult).reason)).toContain("not an integer");
  expect(await redis.get("d")).toBe("3");
});

test("a Redis that is full refuses each call of a bundle as it refuses a single one, and nothing is written", async () => {
  await redis.config("SET", "maxmemory", "1");
  try {
    const settled = await Promise.allSettled([addTo("e", 1), addTo("e", 2)]);
    const codes = settled.map((each) => (each.status === "rejected" ? (each.reason as { code: string }).code : "done"));
    expect(new Set(codes)).toEqual(new Set(["redis_unavailable"]));
    expect(await redis.exists("e")).toBe(0);
  } finally {
    await redis.config("SET", "maxmemory", "0");
  }
});
