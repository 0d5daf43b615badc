import { afterAll, expect, test } from "vitest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import { withNewSecret, type KeyRecord, LINK_FORMAT } from "./key-record.ts";
import { accessKeys, KeyStore } from "./key-store.ts";
import { hashOfKey, newKeyId, newKeyText } from "./key-text.ts";

const redis = connectRedis({ url: testRedisUrl(), name: "key-store-test", onError: () => undefined });
afterAll(async () => await closeRedis(redis));

function aRecord(at: number): KeyRecord {
  const id = newKeyId();
  const createdAt = new Date(at).toISOString();
  const secrets = [{ hash: hashOfKey(newKeyText(id)), createdAt }];
  return {
    format: 1,
    id,
    name: `key ${at}`,
    tenant: "default",
    scopes: ["read"],
    limits: {},
    createdAt,
    createdBy: "root",
    secrets,
  };
}

test("stores a key once, and reads it back", async () => {
  const store = new KeyStore(redis, testNamespace());
  const record = aRecord(1_000);
  expect(await store.create(record)).toBe(true);
  expect(await store.create(record)).toBe(true);
  expect(await store.create({ ...record, name: "another" })).toBe(false);
  expect(await store.read(record.id)).toEqual(record);
  expect(await store.read("abcdefghijkl")).toBeUndefined();
});

test("lists keys newest first, page by page", async () => {
  const store = new KeyStore(redis, testNamespace());
  const records = Array.from({ length: 25 }, (_, n) => aRecord(1_000 + n));
  for (const record of records) await store.create(record);
  const seen: string[] = [];
  for (let before: string | undefined; ; before = seen.at(-1)) {
    const page = await store.list({ limit: 10, before });
    if (page.length === 0) break;
    seen.push(...page.map(({ id }) => id));
  }
  expect(seen).toEqual(records.map(({ id }) => id).toReversed());
});

test("no change is lost when several arrive at once", async () => {
  const store = new KeyStore(redis, testNamespace());
  const record = aRecord(1_000);
  await store.create(record);
  const scopes = ["submit", "review", "manage", "admin"] as const;
  await Promise.all(
    scopes.map((scope) => store.change(record.id, (now) => ({ ...now, scopes: [...now.scopes, scope] }))),
  );
  expect((await store.read(record.id))?.scopes.toSorted()).toEqual(["read", ...scopes].toSorted());
  expect(await store.change("abcdefghijkl", (now) => now)).toBeUndefined();
});

test("notes the last use, and stores no secret", async () => {
  const namespace = testNamespace();
  const store = new KeyStore(redis, namespace);
  const id = newKeyId();
  const text = newKeyText(id);
  const record = { ...aRecord(1_000), id };
  await store.create(withNewSecret(record, hashOfKey(text), 2_000, 1_000));
  expect(await store.lastUses([id, "abcdefghijkl"])).toEqual([undefined, undefined]);
  await store.use(record, { at: "2026-11-21T12:00:00.000Z", address: "2001:db8::1" });
  expect(await store.lastUses([id])).toEqual([{ at: "2026-11-21T12:00:00.000Z", address: "2001:db8::1" }]);
  const { keys, used } = accessKeys(namespace);
  const stored = JSON.stringify([await redis.hgetall(keys), await redis.hgetall(used)]);
  expect(stored).not.toContain(text.slice("dk_".length + id.length + 1));
});

test("refuses a record of a newer version", async () => {
  const namespace = testNamespace();
  await redis.hset(
    accessKeys(namespace).keys,
    "abcdefghijkl",
    JSON.stringify({ ...aRecord(1), format: LINK_FORMAT + 1 }),
  );
  await expect(new KeyStore(redis, namespace).read("abcdefghijkl")).rejects.toMatchObject({ code: "unauthorized" });
});

const USE = { at: "2026-11-21T12:00:00.000Z", address: "127.0.0.1" };

test("a key with a rate may burst, then waits for its next turn", async () => {
  const store = new KeyStore(redis, testNamespace());
  const key = { id: "abcdefghijkl", limits: { callsPerMinute: 6 } };
  const waits: number[] = [];
  const remaining: (number | undefined)[] = [];
  for (let n = 0; n < 7; n += 1) {
    const { waitMs, quota } = await store.use(key, USE);
    waits.push(waitMs);
    remaining.push(quota?.remaining);
    if (waitMs > 0) expect(quota?.seconds).toBe(Math.ceil(waitMs / 1_000));
  }
  expect(remaining).toEqual([4, 3, 2, 1, 0, 0, 0]);
  expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  for (const wait of waits.slice(5)) {
    expect(wait).toBeGreaterThan(8_000);
    expect(wait).toBeLessThanOrEqual(10_000);
  }
  expect((await store.use({ id: "bcdefghijklm", limits: { callsPerMinute: 6 } }, USE)).waitMs).toBe(0);
  const unlimited = { waitMs: 0, quota: undefined };
  for (let n = 0; n < 20; n += 1) expect(await store.use({ ...key, limits: {} }, USE)).toEqual(unlimited);
});

test("concurrent batches never reserve more than the daily limit, and released amounts can be reserved again", async () => {
  const store = new KeyStore(redis, testNamespace());
  const key = { id: "abcdefghijkl", limits: { rowsPerDay: 100, usdPerDay: 2.5 } };
  const ask = async (rows: number, usd: number) => (await store.reserve(key, "2026-11-21", { rows, usd })).isReserved;
  const taken = await Promise.all(Array.from({ length: 20 }, () => ask(10, 0.1)));
  expect(taken.filter(Boolean)).toHaveLength(10);
  expect(await store.reserve(key, "2026-11-21", { rows: 1, usd: 0 })).toEqual({ isReserved: false, rows: 100, usd: 1 });
  expect(await ask(-10, -0.1)).toBe(true);
  expect([await ask(1, 1.7), await ask(1, 1.6), await ask(0, 0.000_001)]).toEqual([false, true, false]);
  expect((await store.reserve(key, "2026-11-22", { rows: 100, usd: 2.5 })).isReserved).toBe(true);
});
