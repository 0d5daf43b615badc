import { afterAll, beforeAll, expect, test } from "vitest";
import { Bus } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { until } from "@darkroom/testkit";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi({
    variables: {
      EACHLABS_PLAN: "pro",
      STUDIO_B_KEY: "never used either",
      DARKROOM_ACCOUNTS: JSON.stringify([
        { lane: "studio-b", provider: "each-sense", keyVariable: "STUDIO_B_KEY", plan: "free" },
      ]),
    },
  });
});
afterAll(async () => await api[Symbol.asyncDispose]());

const submission = (change: object = {}) => ({
  rows: [{ source: "a.jpg" }, { source: "b.jpg" }, { source: "c.jpg" }],
  baseUrl: api.folderUrl("in"),
  destination: api.folderUrl("out"),
  recipe: { preset: "skin-smoothing", mode: "eco" },
  ...change,
});

test("lists every account with its plan's limits", async () => {
  const { body } = await api.call("/v1/lanes");
  expect(body).toMatchObject({
    lanes: [
      {
        name: "each-sense",
        concurrency: { configured: 10, present: 10 },
        ratePerMinute: { configured: 60, present: 60 },
        blocked: null,
        probe: null,
      },
      { name: "studio-b", concurrency: { configured: 2, present: 2 }, ratePerMinute: { configured: 10, present: 10 } },
    ],
  });
  expect(JSON.stringify(body)).not.toContain("never used");
});

test("quotes and accepts a batch for the account that it names, otherwise for its provider's first", async () => {
  const quote = async (change: object) => (await api.call("/v1/quotes", json(submission(change)))).body;
  expect(await quote({})).toMatchObject({ lane: "each-sense", time: { concurrency: 10, ratePerMinute: 60 } });
  expect(await quote({ lane: "studio-b" })).toMatchObject({
    lane: "studio-b",
    time: { concurrency: 2, ratePerMinute: 10 },
  });
  expect((await api.call("/v1/batches", json(submission({ lane: "studio-b" })))).body).toMatchObject({
    lane: "studio-b",
  });
});

test.each(["studio-c", "constructor"])("rejects an unknown lane, and names the available ones: %s", async (lane) => {
  const { status, body } = await api.call("/v1/batches", json(submission({ lane })));
  expect(status).toBe(400);
  expect(body).toMatchObject({ field: "lane" });
  expect(body["detail"]).toContain('available: "each-sense", "studio-b"');
});

test("shows the state of every lane in its metrics", async () => {
  const key = `{${api.settings.redis.namespace}:studio-b}:lane:blocked`;
  await api.redis.hset(key, {
    reason: "auth",
    message: "a bad key",
    since: "2026-11-21T10:00:00.000Z",
    probeAt: 0,
    probes: 0,
  });
  const text = String((await api.call("/metrics")).body["text"]);
  await api.redis.del(key);
  expect(text).toContain('darkroom_lane_blocked{lane="studio-b",reason="auth"} 1');
  expect(text).toContain('darkroom_lane_blocked{lane="each-sense",reason="auth"} 0');
  expect(text).toContain('darkroom_lane_workers{lane="studio-b"} 0');
  expect(text).toContain('darkroom_lane_concurrency{lane="studio-b"} 2');
  expect(text).toContain('darkroom_lane_rate_per_minute{lane="each-sense"} 60');
});

test("unblocks a blocked lane on request, and leaves others unchanged", async () => {
  const { namespace } = api.settings.redis;
  const key = `{${namespace}:studio-b}:lane:blocked`;
  const told: unknown[] = [];
  const listening = connectRedis({ url: api.settings.redis.url, name: "lanes-test", onError: () => undefined });
  await new Bus(api.redis, listening, namespace).onControl((message) => told.push(message));
  await api.redis.hset(key, {
    reason: "balance",
    message: "top up",
    since: "2026-11-21T10:00:00.000Z",
    probeAt: Date.now() + 600_000,
    probes: 7,
  });
  for (const _ of ["blocked", "not blocked any more"]) {
    const { status, body } = await api.call("/v1/lanes/studio-b/unblock", { method: "POST" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: "studio-b", blocked: null, probe: null });
  }
  expect(await api.redis.exists(key)).toBe(0);
  await until(() => told.length > 0, { what: "everybody to be told" });
  await closeRedis(listening);
  expect(told).toEqual([{ type: "lane-unblocked", lane: "studio-b" }]);
});

test.each(["studio-c", "constructor"])(
  "rejects unblocking the unknown lane %s, and names the available ones",
  async (name) => {
    const { status, body } = await api.call(`/v1/lanes/${name}/unblock`, { method: "POST" });
    expect(status).toBe(404);
    expect(body["detail"]).toContain('available: "each-sense", "studio-b"');
  },
);

test("lists a lane that is not set up here while an active batch uses it", async () => {
  const { id } = await api.batch(2, { lane: "twin" });
  const names = async () => ((await api.call("/v1/lanes")).body["lanes"] as { name: string }[]).map(({ name }) => name);
  expect(await names()).toEqual(["each-sense", "studio-b", "twin"]);
  const unblock = async () => (await api.call("/v1/lanes/twin/unblock", { method: "POST" })).status;
  expect(await unblock()).toBe(200);
  await api.end(id, "completed");
  expect(await unblock()).toBe(404);
  expect(await names()).toEqual(["each-sense", "studio-b"]);
});
