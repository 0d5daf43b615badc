import { EMPTY_RECEIPT, newBatchId } from "@darkroom/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSnapshotPart } from "@darkroom/manifest";
import type { PortraitView } from "../portraits/portrait-view.ts";
import { PARTS_LIMIT } from "../portraits/portrait-scan.ts";
import { goodRow, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

async function page(id: string, query: string): Promise<{ portraits: PortraitView[]; nextCursor: number | null }> {
  const { status, body } = await api.call(`/v1/batches/${id}/portraits?${query}`);
  expect(status).toBe(200);
  return body as unknown as { portraits: PortraitView[]; nextCursor: number | null };
}

/** Reads every page of a portrait listing. */
async function all(id: string, query: string): Promise<{ indexes: number[]; pages: number }> {
  const indexes: number[] = [];
  let cursor: number | null = 0;
  for (let pages = 0; ; pages++) {
    if (cursor === null) return { indexes, pages };
    const next = await page(id, `${query}&cursor=${cursor}`);
    indexes.push(...next.portraits.map(({ index }) => index));
    expect(next.nextCursor ?? Infinity).toBeGreaterThan(cursor);
    cursor = next.nextCursor;
  }
}

test("lists every portrait once, with its row, at odd page sizes", async () => {
  const { id } = await api.batch(2_500);
  const { indexes } = await all(id, "limit=333");
  expect(indexes).toEqual(Array.from({ length: 2_500 }, (_, i) => i));
  const { portraits } = await page(id, "cursor=1001&limit=1");
  expect(portraits).toEqual([
    {
      index: 1_001,
      id: "p1001",
      state: "pending",
      source: "p1001.jpg",
      destination: "p1001.jpg",
      carried: { team: "blue" },
      leftBehind: null,
      review: null,
      outcome: null,
    },
  ]);
});

test("finds the portraits in a state, with how they ended", async () => {
  const { id } = await api.batch(20);
  await api.settle(id, 3, "ok");
  await api.settle(id, 7, "no_face", { message: "no face seen", billed: "yes", attempts: 2 });
  await api.settle(id, 11, "timeout");
  const failed = await page(id, "state=failed");
  expect(failed.nextCursor).toBeNull();
  expect(failed.portraits.map(({ index, outcome }) => [index, outcome?.code])).toEqual([
    [7, "no_face"],
    [11, "timeout"],
  ]);
  expect(failed.portraits[0]).toMatchObject({
    outcome: { message: "no face seen", billed: "yes", attempts: 2, retryable: false },
  });
  expect((await page(id, "state=succeeded")).portraits).toMatchObject([{ index: 3, outcome: { code: "ok" } }]);
});

test("does a bounded amount of work per page, and continues from there", async () => {
  const { id } = await api.batch(12_000);
  const wanted = Array.from({ length: 12 }, (_, part) => part * 1_000 + 7);
  for (const index of wanted) await api.settle(id, index, "timeout");
  const first = await page(id, "state=failed&limit=500");
  expect(first.portraits).toHaveLength(PARTS_LIMIT);
  expect(first.nextCursor).toBe(PARTS_LIMIT * 1_000 + 7);
  expect((await all(id, "state=failed&limit=500")).indexes).toEqual(wanted);
});

test("shows portraits that a cancelled batch never started as cancelled", async () => {
  const { id } = await api.batch(3);
  await api.settle(id, 1, "ok");
  await api.ledger.control.cancel(id, "enough");
  expect((await page(id, "")).portraits.map(({ state, outcome }) => [state, outcome?.code])).toEqual([
    ["cancelled", "cancelled"],
    ["succeeded", "ok"],
    ["cancelled", "cancelled"],
  ]);
  expect((await page(id, "state=pending")).portraits).toEqual([]);
});

test("shows a portrait's history, and no signed URL", async () => {
  const { id } = await api.batch(2);
  const since = Date.parse("2026-11-01T10:00:00Z");
  await api.ledger.claims.claim(id, 1, "t/1");
  const call = { step: 0, at: since, generation: 0 };
  const outputs = { urls: ["https://cdn.example/x.png?signature=abc"], at: since };
  await api.ledger.claims.writeReceipt(id, 1, "t/1", {
    ...EMPTY_RECEIPT,
    firstIntentAt: since,
    calls: [
      { ...call, status: "free", counts: "attempt" },
      { ...call, status: "answered", counts: "attempt", outputs },
    ],
    lastFailure: { code: "timeout", message: "no answer" },
  });
  const { body } = await api.call(`/v1/batches/${id}/portraits/1`);
  expect(body).toMatchObject({
    index: 1,
    state: "running",
    outcome: null,
    receipt: {
      attempts: 2,
      since: "2026-11-01T10:00:00.000Z",
      maybeBilled: false,
      lastFailure: { code: "timeout", message: "no answer" },
    },
  });
  expect(JSON.stringify(body)).not.toContain("signature");
  expect((await api.call(`/v1/batches/${id}/portraits/0`)).body).toMatchObject({ state: "pending", receipt: null });
});

test("shows a rejected row with its reason, and a web source without its query", async () => {
  const spec = { ...(await api.batch(0)), id: newBatchId() };
  await api.ledger.create(spec);
  const rejected = { line: 3, message: "line 3 has no source" };
  await writeSnapshotPart(api.stores.open(spec.destination.url), spec.id, 0, [
    { ...goodRow(0), source: "https://user:pass@photos.example/a.jpg?X-Amz-Signature=abc" },
    { index: 1, id: "bad", rejected },
  ]);
  const line = {
    index: 1,
    at: 0,
    code: "invalid_row",
    billed: "no",
    message: rejected.message,
    attempts: 0,
    providerMs: 0,
    costUsd: 0,
  } as const;
  const fence = await api.ledger.beginIngest(spec.id);
  await api.ledger.countPart(spec.id, { fence, part: 0, rows: 2, rejected: [line] });
  const { portraits } = await page(spec.id, "");
  expect(portraits[0]).toMatchObject({ source: "https://photos.example/a.jpg" });
  expect(portraits[1]).toMatchObject({
    id: "bad",
    state: "failed",
    outcome: { code: "invalid_row", message: rejected.message },
  });
});

test("rejects an index beyond the last portrait", async () => {
  const { id } = await api.batch(2);
  expect((await api.call(`/v1/batches/${id}/portraits/2`)).status).toBe(404);
  expect((await page(id, "cursor=2")).portraits).toEqual([]);
  expect((await page(id, "cursor=999")).nextCursor).toBeNull();
});

test.each([
  ["cursor=-1", "cursor"],
  ["limit=501", "limit"],
  ["state=lost", "state"],
])("rejects the query ?%s", async (query, field) => {
  const { id } = await api.batch(1);
  expect(await api.call(`/v1/batches/${id}/portraits?${query}`)).toMatchObject({ status: 400, body: { field } });
});
