import { startRedis, type PrivateRedis } from "@darkroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeRedis, connectRedis, type RedisConnection } from "./connect.ts";
import { defineScript } from "./script.ts";

const count = defineScript("return redis.call('INCRBY', KEYS[1], ARGV[1])");
let server: PrivateRedis;
let redis: RedisConnection;

beforeAll(async () => {
  // A private server, because SCRIPT FLUSH and the statistics affect the whole server.
  server = await startRedis();
  redis = connectRedis({ url: server.url, name: "script-test", onError: () => undefined });
});

afterAll(async () => {
  await closeRedis(redis);
  await server.close();
});

async function calls(command: string): Promise<number> {
  const stats = await redis.info("commandstats");
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

test("sends a script whole once, then by its hash", async () => {
  await redis.config("RESETSTAT");
  for (const total of [2, 4, 6]) expect(await count.run(redis, ["a"], [2])).toBe(total);
  expect([await calls("eval"), await calls("evalsha")]).toEqual([1, 3]);
});

test("resends a script that Redis has forgotten, and runs it once", async () => {
  await count.run(redis, ["b"], [1]);
  await redis.script("FLUSH");
  expect(await count.run(redis, ["b"], [1])).toBe(2);
  expect(await redis.get("b")).toBe("2");
});

test("runs each of many calls in one tick once after a flush", async () => {
  await redis.script("FLUSH");
  await Promise.all(Array.from({ length: 50 }, () => count.run(redis, ["c"], [1])));
  expect(await redis.get("c")).toBe("50");
});

test("does not mistake a script's own error for a forgotten script", async () => {
  await redis.config("RESETSTAT");
  await redis.set("d", "text");
  await expect(count.run(redis, ["d"], [1])).rejects.toThrow("not an integer");
  await expect(count.run(redis, ["d"], [1])).rejects.toThrow("not an integer");
  expect(await calls("eval")).toBeLessThanOrEqual(1);
});
