import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { CACHE_DIR } from "../test/sharer.ts";
import { redisCall, redisPid, redisServes } from "./redis-call.ts";
import { findRedisBinary } from "./redis-binary.ts";
import { startRedisServer } from "./redis-server.ts";
import { findOrStartRedis } from "./redis.ts";
import { processLife } from "./process-life.ts";
import { waitUntil } from "./wait-until.ts";

const options = { dataDir: CACHE_DIR, cacheDir: CACHE_DIR, log: console.error };

test("uses a given Redis, and leaves it unchanged", async () => {
  const started = await findOrStartRedis(options);
  const named = await findOrStartRedis({ ...options, redisUrl: started.url });
  expect(named.url).toBe(started.url);
  await named.close();
  const port = Number(new URL(started.url).port);
  expect(await redisServes(port)).toBe(true);
  await started.close();
  expect(await redisServes(port)).toBe(false);
});

test("a private Redis evicts nothing, writes an append-only file and leaves no folder", async () => {
  const redis = await findOrStartRedis(options);
  const port = Number(new URL(redis.url).port);
  expect(await redisCall(port, "CONFIG GET maxmemory-policy", /noeviction/, 1_000)).toBeDefined();
  expect(await redisCall(port, "CONFIG GET appendonly", /yes/, 1_000)).toBeDefined();
  const dir = /\/\S+/.exec((await redisCall(port, "CONFIG GET dir", /\/\S+\r\n/, 1_000)) ?? "")?.[0] ?? "";
  expect(existsSync(dir)).toBe(true);
  await redis.close();
  expect(existsSync(dir)).toBe(false);
});

test("a private Redis is removed when the process that started it is killed", async () => {
  const script = `
    const { findOrStartRedis } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
    const redis = await findOrStartRedis({ ...${JSON.stringify({ dataDir: CACHE_DIR, cacheDir: CACHE_DIR })}, log: console.error });
    console.log(redis.url);
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  const pid = await redisPid(Number(new URL(url).port));
  expect(pid).toBeGreaterThan(0);
  child.kill("SIGKILL");
  expect(await waitUntil(() => processLife(pid ?? 0) === undefined, 5_000)).toBe(true);
});

test("a server reports a port that is in use", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const dir = await mkdtemp(join(tmpdir(), "darkroom-taken-"));
  try {
    const binary = await findRedisBinary(CACHE_DIR, console.error);
    if (binary === undefined) throw new Error("no Redis program on this machine");
    await expect(startRedisServer({ binary, dir, port })).rejects.toMatchObject({
      code: "redis_unavailable",
      message: expect.stringContaining("Address already in use"),
    });
  } finally {
    other.close();
    await rm(dir, { recursive: true, force: true });
  }
});
