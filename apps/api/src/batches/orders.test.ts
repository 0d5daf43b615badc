import { afterAll, beforeAll, expect, test } from "vitest";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

/** Orders name their batch, so that each test may use the same key. */
const keyOf = (id: string) => ({ "idempotency-key": `order 1 ${id}` });

test("a retry repeated with its Idempotency-Key starts one round, even after that round is over", async () => {
  const { id } = await api.batch(1);
  await api.settle(id, 0, "no_face");
  const retry = (body: object = { codes: ["no_face"] }) => api.call(`/v1/batches/${id}/retry`, json(body, keyOf(id)));
  expect(await retry()).toMatchObject({ status: 200, body: { state: "running" } });
  await api.ledger.control.reopen(id, 1, new Map([[0, { code: "no_face" }]]));
  await api.ledger.control.endReopening(id, 1);
  await api.settle(id, 0, "ok");
  await api.end(id, "completed");
  expect(await retry()).toMatchObject({ status: 200, body: { state: "running" } });
  // Nor does it after a day, when the key is forgotten.
  await api.redis.del(await api.redis.keys(`${api.settings.redis.namespace}:idempotency:*`));
  expect(await retry()).toMatchObject({ status: 200, body: { state: "completed", rounds: [{ number: 1 }] } });
  expect(await retry({ codes: ["timeout"] })).toMatchObject({ status: 422, body: { field: "Idempotency-Key" } });
});

test("a pause repeated with its Idempotency-Key does not pause a batch that was resumed since", async () => {
  const { id } = await api.batch(1);
  const pause = () => api.call(`/v1/batches/${id}/pause`, json({ reason: "lunch" }, keyOf(id)));
  expect((await pause()).body).toMatchObject({ state: "paused" });
  expect((await api.call(`/v1/batches/${id}/resume`, json({}))).status).toBe(200);
  expect(await pause()).toMatchObject({ status: 200, body: { state: "paused" } });
  expect((await api.call(`/v1/batches/${id}`)).body["state"]).toBe("running");
});

test("rejects an order whose revision is older than what it would undo", async () => {
  const { id } = await api.batch(2);
  await api.settle(id, 0, "no_face");
  const { body } = await api.call(`/v1/batches/${id}`);
  const revision = Number(body["revision"]);
  const send = (what: string, body = {}) => api.call(`/v1/batches/${id}/${what}`, json({ revision, ...body }));
  expect((await send("pause")).status).toBe(200);
  const late = await send("resume");
  expect(late).toMatchObject({ status: 409, body: { code: "stale" } });
  expect(late.body["detail"]).toContain("is paused now");
  expect((await api.call(`/v1/batches/${id}/cancel`, json({}))).status).toBe(200);
  await api.end(id, "cancelled");
  expect(await send("retry", { codes: ["cancelled"] })).toMatchObject({ status: 409, body: { code: "stale" } });
});

test("a repeated answer with the same Idempotency-Key has no further effect", async () => {
  const { id } = await api.batch(1);
  await api.settle(id, 0, "needs_clarification");
  const send = () => api.call(`/v1/batches/${id}/answer`, json({ answer: "plain grey" }, keyOf(id)));
  expect((await send()).status).toBe(200);
  expect(await send()).toMatchObject({ status: 200, body: { rounds: [{ number: 1 }] } });
});
