import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { startRedis } from "./private-redis.ts";
import { testNamespace, testRedisUrl } from "./redis.ts";

function connect(url: string): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  redis.on("error", () => undefined);
  return redis;
}

test("the test run's Redis keeps everything and writes an append-only file", async () => {
  const redis = connect(testRedisUrl());
  try {
    const key = testNamespace();
    await redis.set(key, "kept", "PX", 60_000);
    expect(await redis.get(key)).toBe("kept");
    expect(await redis.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
    expect(await redis.config("GET", "appendonly")).toEqual(["appendonly", "yes"]);
  } finally {
    redis.disconnect();
  }
});

test("a private Redis keeps its data and address across a kill and restart", async () => {
  await using server = await startRedis();
  const redis = connect(server.url);
  try {
    await redis.set("kept", "yes");
    const { pid } = server;
    server.kill("SIGKILL");
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(await redis.get("kept")).toBe("yes");
  } finally {
    redis.disconnect();
  }
});

test("a frozen private Redis answers once it is resumed", async () => {
  await using server = await startRedis();
  const redis = connect(server.url);
  try {
    await redis.set("before", "1");
    server.kill("SIGSTOP");
    let answered = false;
    const answer = redis.get("before").then((value) => {
      answered = true;
      return value;
    });
    const other = connect(server.url);
    const timedOut = await Promise.race([
      other.ping().then(() => false),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 100)),
    ]);
    other.disconnect();
    expect(timedOut).toBe(true);
    expect(answered).toBe(false);
    server.kill("SIGCONT");
    expect(await answer).toBe("1");
  } finally {
    redis.disconnect();
  }
});

test("a private Redis that is closed while frozen is gone", async () => {
  const server = await startRedis();
  server.kill("SIGSTOP");
  await server.close();
  expect(() => process.kill(server.pid, 0)).toThrow("ESRCH");
});
