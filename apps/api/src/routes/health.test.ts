import { expect, test } from "vitest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { startRedis, until } from "@darkroom/testkit";
import { startApi } from "../index.ts";
import { json, testApi } from "../../test/test-api.ts";

test("reports that it is alive and ready, and its metrics", async () => {
  await using api = await testApi();
  expect(await api.call("/healthz")).toMatchObject({ status: 200, body: { status: "ok" } });
  expect(await api.call("/readyz")).toMatchObject({ status: 200, body: { status: "ok" } });
  const { headers, body } = await api.call("/metrics");
  expect(headers.get("content-type")).toMatch(/^text\/plain/);
  expect(body["text"]).toContain("# TYPE darkroom_portraits_total counter");
});

test("shows its metrics only to an operator's key", async () => {
  await using api = await testApi({ apiKey: "the-root-key-of-a-test" });
  const asRoot = { "x-api-key": "the-root-key-of-a-test" };
  const { id } = await api.batch(1);
  const keyOf = async (path: string, wish: object, field: string): Promise<string> => {
    const { body } = await api.call(path, json({ name: "k", ...wish }, asRoot));
    return String(body[field]).replace("/link#", "");
  };
  const status = async (headers: Record<string, string>) => (await api.call("/metrics", { headers })).status;
  const withKey = async (key: string) => await status({ "x-api-key": key });
  expect(await status({})).toBe(401);
  expect(await status(asRoot)).toBe(200);
  expect(await withKey(await keyOf("/v1/keys", { scopes: ["read"], tenant: "*" }, "key"))).toBe(200);
  expect(await withKey(await keyOf("/v1/keys", { scopes: ["read"], tenant: "acme" }, "key"))).toBe(403);
  expect(await withKey(await keyOf(`/v1/batches/${id}/links`, {}, "path"))).toBe(403);
});

test("answers unknown paths with a problem", async () => {
  await using api = await testApi();
  expect(await api.call("/v1/nothing")).toMatchObject({ status: 404, body: { code: "not_found" } });
  expect(await api.call("/nothing", { method: "POST" })).toMatchObject({ status: 404, body: { code: "not_found" } });
});

test("gives every response an id, or repeats the client's valid one", async () => {
  await using api = await testApi();
  const idOf = async (given: string) => {
    const { headers } = await api.call("/healthz", given === "" ? {} : { headers: { "x-request-id": given } });
    return headers.get("x-request-id");
  };
  expect(await idOf("trace-1.a")).toBe("trace-1.a");
  expect(await idOf("")).toMatch(/^[0-9a-f-]{36}$/);
  expect(await idOf("no good: {}")).toMatch(/^[0-9a-f-]{36}$/);
});

test("reports at once that Redis is unreachable, and recovers when it is back", async () => {
  await using api = await testApi();
  await using redis = await startRedis();
  const alone = await startApi(
    { ...api.settings, redis: { ...api.settings.redis, url: redis.url }, log: { level: "silent" } },
    { stores: api.stores },
  );
  const status = async (path: string) => (await fetch(`${alone.url}${path}`)).status;
  expect(await status("/v1/batches")).toBe(200);
  redis.kill("SIGKILL");
  await until(async () => (await status("/v1/batches")) === 503, { what: "a 503" });
  expect(await status("/readyz")).toBe(503);
  expect(await status("/healthz")).toBe(200);
  const refused = await fetch(`${alone.url}/v1/batches`);
  expect(refused.headers.get("retry-after")).toBe("2");
  expect(await refused.json()).toMatchObject({ code: "redis_unavailable" });
  await redis.restart();
  await until(async () => (await status("/v1/batches")) === 200, { what: "a 200" });
  await alone.close();
});

test("refuses to start on a Redis that could lose payment records", async () => {
  await using api = await testApi();
  await using redis = await startRedis();
  const settings = { ...api.settings, redis: { ...api.settings.redis, url: redis.url } };
  const client = connectRedis({ url: redis.url, name: "test", onError: () => undefined });
  await client.config("SET", "maxmemory-policy", "allkeys-lru");
  await closeRedis(client);
  await expect(startApi(settings)).rejects.toMatchObject({ code: "redis_unsuitable" });
});
