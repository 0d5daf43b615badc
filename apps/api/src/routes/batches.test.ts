import { afterAll, beforeAll, expect, test } from "vitest";
import type { BatchStatus } from "@darkroom/core";
import { batchLedgerKeys } from "@darkroom/ledger";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

test("returns a batch's status", async () => {
  const { id } = await api.batch(3, { name: "Team" });
  await api.settle(id, 0, "ok");
  await api.settle(id, 1, "no_face", { billed: "maybe", message: "no face seen" });
  const { status, body } = await api.call(`/v1/batches/${id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    id,
    name: "Team",
    state: "running",
    ingested: true,
    counts: {
      total: 3,
      pending: 1,
      queued: 0,
      running: 0,
      retrying: 0,
      succeeded: 1,
      skipped: 0,
      failed: 1,
      cancelled: 0,
    },
    failures: { no_face: 1 },
    maybeBilled: 1,
    blocked: null,
    report: null,
  });
});

test("shows batches whose decisions were counted below 0", async () => {
  const { id } = await api.batch(1);
  const { meta } = batchLedgerKeys(api.settings.redis.namespace, id);
  await api.redis.hset(meta, { reviewApproved: -1, reviewRejected: -2 });
  const review = { undecided: 0, approved: 0, rejected: 0 };
  expect(await api.call(`/v1/batches/${id}`)).toMatchObject({ status: 200, body: { review } });
  expect(await api.call("/v1/batches?limit=1")).toMatchObject({ status: 200, body: { batches: [{ id, review }] } });
});

test("names the report of an ended batch", async () => {
  const { id } = await api.batch(1);
  await api.end(id, "completed");
  const { body } = await api.call(`/v1/batches/${id}`);
  expect(body).toMatchObject({ state: "completed", report: `/v1/batches/${id}/report.csv` });
  expect(Date.parse(String(body["endedAt"]))).toBeGreaterThan(0);
});

test("shows why a batch's lane is blocked, in the batch and in the lane list", async () => {
  const { id } = await api.batch(1, { lane: "each-sense" });
  const blocked = { reason: "balance", since: "2026-11-01T10:00:00.000Z", message: "no balance" };
  const key = `{${api.settings.redis.namespace}:each-sense}:lane:blocked`;
  await api.redis.hset(key, { ...blocked, probeAt: 1_793_527_200_000, probes: 2 });
  const batch = await api.call(`/v1/batches/${id}`);
  const lanes = await api.call("/v1/lanes");
  await api.redis.del(key);
  expect(batch.body).toMatchObject({ state: "running", blocked });
  expect(lanes.body).toEqual({
    lanes: [
      {
        name: "each-sense",
        provider: "each-sense",
        counts: { waiting: 0, active: 0, delayed: 0 },
        running: 0,
        workers: 0,
        concurrency: { configured: 10, present: 10 },
        ratePerMinute: { configured: null, present: null },
        narrowed: null,
        held: null,
        blocked,
        probe: { at: "2026-11-01T10:00:00.000Z", failed: 2, underWay: false },
      },
    ],
  });
});

test("rejects the id of a batch that was never submitted", async () => {
  for (const id of ["01hzzzzzzzzzzzzzzzzzzzzzzz", "nonsense", "..%2f..%2fetc"]) {
    const { status, headers, body } = await api.call(`/v1/batches/${id}`);
    expect(status).toBe(404);
    expect(headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({ code: "not_found", status: 404, type: "/errors/not_found" });
  }
});

test("lists batches newest first, page by page", async () => {
  await using own = await testApi();
  const now = Date.now();
  const ids: string[] = [];
  for (let age = 0; age < 5; age++) {
    ids.push((await own.batch(1, { createdAt: new Date(now - age * 1_000).toISOString() })).id);
  }
  const seen: string[] = [];
  let path: string | undefined = "/v1/batches?limit=2";
  for (let pages = 0; path !== undefined; pages++) {
    expect(pages).toBeLessThan(3);
    const { body } = await own.call(path);
    seen.push(...(body["batches"] as BatchStatus[]).map((batch) => batch.id));
    const next = body["nextCursor"];
    path = typeof next === "string" ? `/v1/batches?limit=2&cursor=${next}` : undefined;
  }
  expect(seen).toEqual(ids);
});

test.each([
  ["limit=0", "limit"],
  ["limit=201", "limit"],
  ["limit=ten", "limit"],
  ["offset=3", "offset"],
])("rejects the query ?%s and names the field", async (query, field) => {
  const { status, body } = await api.call(`/v1/batches?${query}`);
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: "invalid_input", field });
});

test("pauses, resumes and cancels a batch, idempotently", async () => {
  const { id } = await api.batch(2);
  for (let times = 0; times < 2; times++) {
    const paused = await api.call(`/v1/batches/${id}/pause`, json({ reason: "lunch" }));
    expect(paused).toMatchObject({ status: 200, body: { state: "paused", reason: "lunch" } });
  }
  for (let times = 0; times < 2; times++) {
    const resumed = await api.call(`/v1/batches/${id}/resume`, { method: "POST" });
    expect(resumed).toMatchObject({ status: 200, body: { state: "running", reason: null } });
  }
  for (let times = 0; times < 2; times++) {
    const cancelled = await api.call(`/v1/batches/${id}/cancel`, json({}));
    expect(cancelled).toMatchObject({
      status: 200,
      body: { state: "finishing", counts: { cancelled: 2, pending: 0 } },
    });
  }
});

test("notifies the other processes of a user's decision", async () => {
  await using own = await testApi();
  const listener = own.redis.duplicate();
  const heard: unknown[] = [];
  listener.on("message", (_, text: string) => heard.push(JSON.parse(text)));
  await listener.subscribe(`${own.settings.redis.namespace}:control`);
  const { id } = await own.batch(1);
  for (const move of ["pause", "resume", "cancel"]) await own.call(`/v1/batches/${id}/${move}`, { method: "POST" });
  await expect
    .poll(() => heard)
    .toEqual(["batch-paused", "batch-resumed", "batch-cancelled"].map((type) => ({ type, batch: id })));
  await listener.quit();
});

test.each(["pause", "resume", "cancel"])("rejects %s for a batch that has ended", async (move) => {
  const { id } = await api.batch(1);
  await api.settle(id, 0, "ok");
  await api.end(id, "completed");
  const { status, body } = await api.call(`/v1/batches/${id}/${move}`, { method: "POST" });
  expect(status).toBe(409);
  expect(body).toMatchObject({ code: "conflict", detail: expect.stringContaining("it has ended (completed)") });
});

test("rejects unknown fields in a decision's body", async () => {
  const { id } = await api.batch(1);
  const { status, body } = await api.call(`/v1/batches/${id}/pause`, json({ why: "because" }));
  expect(status).toBe(400);
  expect(body).toMatchObject({ field: "why" });
});

test("lists the choices of recipes", async () => {
  const { body } = await api.call("/v1/presets");
  expect(body).toMatchObject({ modes: ["max", "eco"], providers: ["each-sense"], defaultUseCase: "headshot" });
  expect(body["presets"]).toHaveLength(10);
});
