import { afterAll, expect, test } from "vitest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import { SESSION_S, sessionKey, SessionStore } from "./session-store.ts";

const redis = connectRedis({ url: testRedisUrl(), name: "session-store-test", onError: () => undefined });
afterAll(async () => await closeRedis(redis));

const SESSION = { key: "root", hash: "a".repeat(64) };

test("a session is read by its id until it ends", async () => {
  const store = new SessionStore(redis, testNamespace());
  const id = await store.create(SESSION);
  expect(await store.read(id)).toEqual(SESSION);
  await store.end(id);
  expect(await store.read(id)).toBeUndefined();
});

test("Redis forgets a session by itself, and holds no id that opens one", async () => {
  const namespace = testNamespace();
  const id = await new SessionStore(redis, namespace).create(SESSION);
  const left = await redis.ttl(sessionKey(namespace, id));
  expect(left).toBeGreaterThan(SESSION_S - 60);
  expect(left).toBeLessThanOrEqual(SESSION_S);
  const keys = await redis.keys(`${namespace}:*`);
  expect(keys.join(" ")).not.toContain(id);
});

test.each(["", "*", "a".repeat(44), `${"a".repeat(42)}:`])("%j is no session", async (id) => {
  const store = new SessionStore(redis, testNamespace());
  expect(await store.read(id)).toBeUndefined();
  await store.end(id);
});
