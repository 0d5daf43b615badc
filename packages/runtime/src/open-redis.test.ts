import { closeRedis, connectRedis, type RedisConnection } from "@darkroom/redis-kit";
import { startRedis, testNamespace, until, type PrivateRedis } from "@darkroom/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { openRedis } from "./open-redis.ts";

let server: PrivateRedis;
let admin: RedisConnection;
let lines: string[] = [];
const log = createLogger({
  level: "warn",
  name: "test",
  destination: { write: (line: string) => void lines.push(line) },
});

beforeAll(async () => {
  server = await startRedis();
  admin = connectRedis({ url: server.url, name: "admin", onError: () => undefined });
});

afterEach(async () => {
  lines = [];
  await admin.config("SET", "appendonly", "yes");
});

afterAll(async () => {
  await closeRedis(admin);
  await server.close();
});

const open = (change: { url?: string; allowUnsafe?: boolean } = {}) =>
  openRedis({
    settings: { url: server.url, access: {}, namespace: testNamespace(), allowUnsafe: false, ...change },
    name: "producer",
    log,
  });

/** Returns the names of the app's connections as listed by the server. */
async function connected(): Promise<readonly string[]> {
  const list = String(await admin.call("CLIENT", "LIST"));
  return [...list.matchAll(/ name=(darkroom-\S*)/g)].map(([, name = ""]) => name).sort();
}

const isClosed = async () => (await connected()).length === 0;

test("an app has one connection for commands and one for messages, until it closes both", async () => {
  const { redis, connection, close } = await open();
  expect(await redis.ping()).toBe("PONG");
  expect(connection.redisUrl).toBe(server.url);
  await until(async () => (await connected()).length === 2, { what: "both connections" });
  expect(await connected()).toEqual(["darkroom-producer", "darkroom-producer-bus"]);
  await close();
  await until(isClosed, { what: "both connections to be closed" });
  expect(lines).toEqual([]);
});

test("rejects a Redis that could lose what was paid for, and leaves no connection open", async () => {
  await admin.config("SET", "appendonly", "no");
  await expect(open()).rejects.toMatchObject({ code: "redis_unsuitable" });
  await until(isClosed, { what: "both connections to be closed" });
});

test("logs a warning for an unsafe Redis that is allowed", async () => {
  await admin.config("SET", "appendonly", "no");
  const { close } = await open({ allowUnsafe: true });
  expect(lines).toEqual([expect.stringContaining('"msg":"Redis: appendonly is')]);
  await close();
});
