import { startRedis, testRedisUrl, type PrivateRedis } from "@darkroom/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closeRedis, connectRedis, type RedisConnection } from "./connect.ts";
import { checkRedis } from "./suitability.ts";

let server: PrivateRedis;
let redis: RedisConnection;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis({ url: server.url, name: "suitability-test", onError: () => undefined });
});

afterEach(async () => {
  await redis.config("SET", "maxmemory-policy", "noeviction");
  await redis.config("SET", "appendonly", "yes");
});

afterAll(async () => {
  await closeRedis(redis);
  await server.close();
});

test("a Redis that keeps everything is taken without a word", async () => {
  const shared = connectRedis({ url: testRedisUrl(), name: "suitability-test", onError: () => undefined });
  try {
    expect(await checkRedis(shared)).toEqual([]);
  } finally {
    await closeRedis(shared);
  }
});

test.each([
  ["maxmemory-policy", "allkeys-lru", "noeviction"],
  ["maxmemory-policy", "volatile-ttl", "noeviction"],
  ["appendonly", "no", "yes"],
])("%s %s is refused, naming the setting and what it must be", async (setting, value, wished) => {
  await redis.config("SET", setting, value);
  await expect(checkRedis(redis)).rejects.toMatchObject({
    code: "redis_unsuitable",
    message: expect.stringContaining(`${setting} is "${value}" and must be "${wished}"`) as string,
  });
});

test("all wrong settings are named at once", async () => {
  await redis.config("SET", "maxmemory-policy", "allkeys-random");
  await redis.config("SET", "appendonly", "no");
  await expect(checkRedis(redis)).rejects.toThrow(
    /maxmemory-policy is .*appendonly is .*DARKROOM_ALLOW_UNSAFE_REDIS=true/,
  );
});

test("an unsafe Redis that was allowed is a warning", async () => {
  await redis.config("SET", "appendonly", "no");
  expect(await checkRedis(redis, true)).toEqual([expect.stringContaining('appendonly is "no"')]);
});

test("a Redis that hides its settings is taken on trust, and says which", async () => {
  await redis.call("ACL", "SETUSER", "hosted", "on", ">secret", "~*", "+@all", "-config");
  const { host } = new URL(server.url);
  const hosted = connectRedis({ url: `redis://hosted:secret@${host}`, name: "hosted", onError: () => undefined });
  try {
    expect(await checkRedis(hosted)).toEqual([
      "maxmemory-policy could not be read; make sure that it is noeviction",
      "appendonly could not be read; make sure that it is yes",
    ]);
  } finally {
    await closeRedis(hosted);
  }
});
