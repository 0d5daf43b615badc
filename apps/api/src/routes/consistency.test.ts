import { afterAll, beforeAll, expect, test } from "vitest";
import { batchKeys, type ConsistencyFile } from "@darkroom/core";
import { testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const stats = { exposureEv: -2, warmthEv: 0.4, tintEv: 0, contrast: 0.2, sharpness: -2.5, background: 0.4 };
const FILE: ConsistencyFile = {
  score: 88,
  measured: 4,
  review: 1,
  measures: [{ measure: "exposure", unit: "EV", score: 85, median: -1.1, spread: 0.1, limit: 0.6 }],
  portraits: [{ index: 2, id: "p2", destination: "p2.jpg", reasons: ["0.9 EV darker than the team"], stats }],
};

test("reports when a running batch's portraits will be compared", async () => {
  const { id } = await api.batch(4);
  await api.settle(id, 0, "ok");
  const { status, body } = await api.call(`/v1/batches/${id}/consistency`);
  expect(status).toBe(409);
  expect(body).toMatchObject({ code: "conflict", detail: expect.stringContaining("1 of 4 portraits done") as string });
  expect((await api.call(`/v1/batches/${id}`)).body).toMatchObject({ consistency: null });
});

test("returns the comparison once the batch has ended, and its summary in the status", async () => {
  const { id, destination } = await api.batch(4);
  const { score, measured, review } = FILE;
  for (let index = 0; index < 4; index += 1) await api.settle(id, index, "ok");
  await api.stores.open(destination.url).put(batchKeys(id).consistency, Buffer.from(JSON.stringify(FILE)));
  const round = (await api.ledger.beginFinish(id)) ?? -1;
  await api.ledger.endBatch(id, round, "completed", { consistency: { score: 88, measured, review } });
  const { status, body } = await api.call(`/v1/batches/${id}/consistency`);
  expect([status, body]).toEqual([200, FILE]);
  expect((await api.call(`/v1/batches/${id}`)).body).toMatchObject({ consistency: { score, measured, review } });
});

test("reports that a failed batch has no comparison", async () => {
  const { id } = await api.batch(1);
  await api.end(id, "failed", "no such bucket");
  const { status, body } = await api.call(`/v1/batches/${id}/consistency`);
  expect(status).toBe(404);
  expect(body).toMatchObject({ code: "storage_not_found" });
});
