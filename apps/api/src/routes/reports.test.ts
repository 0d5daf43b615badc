import { afterAll, beforeAll, expect, test } from "vitest";
import { batchKeys } from "@darkroom/core";
import { testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const FILES = ["report.csv", "report.jsonl", "failures.csv"] as const;

test.each(FILES)("reports when there will be a %s while the batch runs", async (file) => {
  const { id } = await api.batch(4);
  await api.settle(id, 0, "ok");
  const { status, body } = await api.call(`/v1/batches/${id}/${file}`);
  expect(status).toBe(409);
  expect(body).toMatchObject({
    code: "conflict",
    detail: expect.stringContaining("running, with 1 of 4 portraits done"),
  });
});

test.each([
  ["report.csv", "text/csv; charset=utf-8"],
  ["report.jsonl", "application/x-ndjson; charset=utf-8"],
  ["failures.csv", "text/csv; charset=utf-8"],
] as const)("streams %s from the destination once the batch has ended", async (file, type) => {
  const { id, destination } = await api.batch(1);
  const keys = batchKeys(id);
  const key = { "report.csv": keys.reportCsv, "report.jsonl": keys.reportJsonl, "failures.csv": keys.failuresCsv }[
    file
  ];
  const content = `${file}\n`.repeat(100_000);
  await api.stores.open(destination.url).put(key, Buffer.from(content));
  await api.end(id, "completed");
  const { status, headers, body } = await api.call(`/v1/batches/${id}/${file}`);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe(type);
  expect(headers.get("content-disposition")).toContain(`${id}-${file}`);
  expect(body["text"]).toBe(content);
});

test("reports that the report of an ended batch is gone", async () => {
  const { id } = await api.batch(1);
  await api.end(id, "failed", "no such bucket");
  const { status, body } = await api.call(`/v1/batches/${id}/report.csv`);
  expect(status).toBe(404);
  expect(body).toMatchObject({ code: "storage_not_found", detail: expect.stringContaining("the batch failed before") });
});
