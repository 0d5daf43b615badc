import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CACHE_DIR, startSharer } from "../test/sharer.ts";
import { processLife } from "./process-life.ts";
import { redisCall, redisPid, redisServes } from "./redis-call.ts";
import type { RedisFate } from "./redis-keeper.ts";
import { findOrStartRedis } from "./redis.ts";
import { type LocalRedis } from "./local-redis.ts";
import { waitUntil } from "./wait-until.ts";

let dataDir: string;
let fates: RedisFate[];
const opened: LocalRedis[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "darkroom-shared-"));
  fates = [];
});

afterEach(async () => {
  for (const redis of opened.splice(0)) await redis.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function open(): Promise<LocalRedis & { port: number }> {
  const told = (fate: RedisFate): void => void fates.push(fate);
  const redis = await findOrStartRedis({ dataDir, cacheDir: CACHE_DIR, log: console.error, persistent: true, told });
  opened.push(redis);
  return { ...redis, port: Number(new URL(redis.url).port) };
}

test("two processes that use one folder share a Redis, and the last one stops it", async () => {
  const first = await startSharer(dataDir);
  const second = await startSharer(dataDir);
  expect(second.url).toBe(first.url);
  await first.leave();
  expect(await redisServes(second.port)).toBe(true);
  await second.leave();
  expect(await redisServes(second.port)).toBe(false);
  expect(await readdir(join(dataDir, "run"))).toEqual(["users"]);
});

test("processes that start at the same time share a Redis", async () => {
  const sharers = await Promise.all([1, 2, 3].map(() => startSharer(dataDir)));
  expect(new Set(sharers.map(({ url }) => url)).size).toBe(1);
  await Promise.all(sharers.map((sharer) => sharer.leave()));
  expect(await redisServes(sharers[0]?.port ?? 0)).toBe(false);
});

test("two users within one process count as two", async () => {
  const [one, other] = [await open(), await open()];
  await one.close();
  await one.close();
  expect(await redisServes(other.port)).toBe(true);
  await other.close();
  expect(await redisServes(other.port)).toBe(false);
});

test("the next process takes over the Redis of a killed one, and stops it", async () => {
  const killed = await startSharer(dataDir);
  await killed.crash();
  expect(await redisServes(killed.port)).toBe(true);
  const next = await open();
  expect(next.url).toBe(killed.url);
  await next.close();
  expect(await redisServes(next.port)).toBe(false);
});

test("data survives the Redis, even a killed one", async () => {
  const first = await open();
  await redisCall(first.port, "SET kept yes", /\+OK/, 1_000);
  await first.close();
  const second = await open();
  const pid = await redisPid(second.port);
  expect(await redisCall(second.port, "GET kept", /yes\r\n/, 1_000)).toContain("yes");
  await redisCall(second.port, "SET kept still", /\+OK/, 1_000);
  process.kill(pid ?? 0, "SIGKILL");
  expect(await waitUntil(() => processLife(pid ?? 0) === undefined, 5_000)).toBe(true);
  const third = await open();
  expect(await redisCall(third.port, "GET kept", /still\r\n/, 1_000)).toContain("still");
});

test.each([
  ["of a dead process", "999999999 12345"],
  ["that met a full disk", ""],
])("ignores a lock %s and the run file of a dead process", async (_, lock) => {
  const first = await open();
  await first.close();
  const run = join(dataDir, "run");
  await writeFile(join(run, "lock"), lock);
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(join(run, "lock"), longAgo, longAgo);
  await writeFile(
    join(run, "redis.json"),
    JSON.stringify({ url: first.url, port: first.port, how: "", pid: 999999999 }),
  );
  const next = await open();
  expect(await redisServes(next.port)).toBe(true);
  expect(JSON.parse(await readFile(join(run, "redis.json"), "utf8"))).toMatchObject({ port: next.port });
});

test("a Redis that is killed in use is restarted by one of its users, on the same port and data", async () => {
  const [one, other] = [await open(), await open()];
  await redisCall(one.port, "SET kept yes", /\+OK/, 1_000);
  const killed = (await redisPid(one.port)) ?? 0;
  process.kill(killed, "SIGKILL");
  expect(await waitUntil(() => fates.filter(({ type }) => type === "back").length === 2, 20_000)).toBe(true);
  expect(fates.filter(({ type }) => type !== "back")).toEqual([{ type: "ended" }, { type: "ended" }]);
  const again = await redisPid(one.port);
  expect(again).not.toBe(killed);
  expect(await redisCall(one.port, "GET kept", /yes\r\n/, 1_000)).toContain("yes");
  await one.close();
  expect(await redisPid(one.port)).toBe(again);
  await other.close();
  expect(await redisServes(one.port)).toBe(false);
});

test("a process that arrives while its Redis is dead starts it where the others look for it", async () => {
  const first = await startSharer(dataDir);
  const { pid } = JSON.parse(await readFile(join(dataDir, "run/redis.json"), "utf8")) as { pid: number };
  // A stopped process cannot watch its Redis itself.
  first.signal("SIGSTOP");
  process.kill(pid, "SIGKILL");
  try {
    expect((await open()).url).toBe(first.url);
  } finally {
    first.signal("SIGCONT");
  }
  await opened.pop()?.close();
  expect(await redisServes(first.port)).toBe(true);
  await first.leave();
  expect(await redisServes(first.port)).toBe(false);
});

test("a private Redis that is killed is restarted, too", async () => {
  const told = (fate: RedisFate): void => void fates.push(fate);
  const redis = await findOrStartRedis({ dataDir, cacheDir: CACHE_DIR, log: console.error, told });
  const port = Number(new URL(redis.url).port);
  process.kill((await redisPid(port)) ?? 0, "SIGKILL");
  expect(await waitUntil(() => fates.some(({ type }) => type === "back"), 20_000)).toBe(true);
  expect(await redisServes(port)).toBe(true);
  await redis.close();
  expect(await redisServes(port)).toBe(false);
});

test("reports a deleted data folder, and its Redis ends", async () => {
  const redis = await open();
  await rm(dataDir, { recursive: true, force: true });
  expect(await waitUntil(() => fates.length > 0, 20_000)).toBe(true);
  expect(fates).toEqual([{ type: "given-up", why: `${dataDir} was deleted` }]);
  await redis.close();
  expect(await redisServes(redis.port)).toBe(false);
});

test("a process that exits without closing stops the Redis that another one restarted", async () => {
  const sharer = await startSharer(dataDir);
  const own = await open();
  process.kill((await redisPid(own.port)) ?? 0, "SIGKILL");
  expect(await waitUntil(() => fates.some(({ type }) => type === "back"), 20_000)).toBe(true);
  await own.close();
  await sharer.exit();
  expect(await waitUntil(async () => !(await redisServes(own.port)), 10_000)).toBe(true);
});
