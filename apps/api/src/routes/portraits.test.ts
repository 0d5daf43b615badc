import { gzipSync } from "node:zlib";
import { batchKeys, EMPTY_RECEIPT, newBatchId, type BatchSpec } from "@darkroom/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSnapshotPart } from "@darkroom/manifest";
import type { PortraitView } from "../portraits/portrait-view.ts";
import { PARTS_LIMIT } from "../portraits/portrait-scan.ts";
import { goodRow, json, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

interface Page {
  readonly portraits: PortraitView[];
  readonly nextCursor: string | null;
}

async function page(id: string, query: string): Promise<Page> {
  const { status, body } = await api.call(`/v1/batches/${id}/portraits?${query}`);
  expect(status).toBe(200);
  return body as unknown as Page;
}

/** Reads every page of a portrait listing. */
async function all(id: string, query: string): Promise<{ indexes: number[]; pages: number }> {
  const indexes: number[] = [];
  let cursor = "";
  for (let pages = 1; ; pages++) {
    const next: Page = await page(id, `${query}${cursor}`);
    indexes.push(...next.portraits.map(({ index }) => index));
    if (next.nextCursor === null) return { indexes, pages };
    cursor = `&cursor=${next.nextCursor}`;
  }
}

test("lists every portrait once, with its row, at odd page sizes", async () => {
  const { id } = await api.batch(2_500);
  const { indexes } = await all(id, "limit=333");
  expect(indexes).toEqual(Array.from({ length: 2_500 }, (_, i) => i));
  const { portraits } = await page(id, "indexes=1001");
  expect(portraits).toEqual([
    {
      index: 1_001,
      id: "p1001",
      state: "pending",
      source: "p1001.jpg",
      destination: "p1001.jpg",
      carried: { team: "blue" },
      leftBehind: null,
      likeness: null,
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
  expect((await all(id, "state=failed&limit=500")).indexes).toEqual(wanted);
});

/** Writes report parts as a producer does, with the lines that are in Redis. */
async function drain({ id, destination }: BatchSpec): Promise<void> {
  const lines = await api.ledger.undrainedOutcomes(id, 5_000);
  const last = lines.at(-1);
  const sequence = (await api.ledger.read(id))?.reportSequence ?? 0;
  if (last === undefined) throw new Error("nothing to drain");
  const key = batchKeys(id).reportPart(sequence, last.entryId);
  await api.stores.open(destination.url).put(key, gzipSync(lines.map(({ line }) => `${line}\n`).join("")));
  await api.ledger.acknowledgeOutcomes(id, sequence, last.entryId);
}

test("finds portraits by how they ended, wherever their outcome is", async () => {
  const spec = await api.batch(12);
  const { id } = spec;
  await api.settle(id, 1, "ok", { billed: "yes", costUsd: 0.1 });
  await api.settle(id, 2, "no_face", { billed: "yes" });
  await api.settle(id, 3, "timeout", { billed: "maybe" });
  const indexes = async (query: string) => (await all(id, query)).indexes;
  expect(await indexes("code=no_face")).toEqual([2]);
  await drain(spec);
  await api.settle(id, 4, "no_face");
  await api.settle(id, 5, "already_delivered");
  expect(await indexes("code=no_face")).toEqual([2, 4]);
  expect(await indexes("code=no_face&billed=yes")).toEqual([2]);
  expect(await indexes("billed=yes")).toEqual([1, 2]);
  expect(await indexes("billed=maybe")).toEqual([3]);
  expect(await indexes("billed=no")).toEqual([4, 5]);
  expect(await indexes("code=ok")).toEqual([1]);
  expect(await indexes("code=already_delivered")).toEqual([5]);
  expect(await indexes("code=no_face&state=succeeded")).toEqual([]);
  expect(await indexes("round=0")).toEqual([1, 2, 3, 4, 5]);

  expect((await api.call(`/v1/batches/${id}/retry`, json({ codes: ["no_face"] }))).status).toBe(200);
  await api.ledger.control.reopen(id, 1, new Map([2, 4].map((index) => [index, { code: "no_face" }])));
  await api.ledger.control.endReopening(id, 1);
  // Reopened portraits have no outcome any more.
  expect(await indexes("code=no_face")).toEqual([]);
  await api.settle(id, 4, "no_face", { billed: "maybe" });
  expect(await indexes("round=1")).toEqual([4]);
  expect(await indexes("code=no_face&billed=maybe")).toEqual([4]);
  await drain(spec);
  await api.settle(id, 2, "ok");
  await drain(spec);
  expect(await indexes("round=1")).toEqual([2, 4]);
  expect(await indexes("round=0")).toEqual([1, 3, 5]);
  expect(await indexes("code=ok")).toEqual([1, 2]);
});

test("finds portraits that were never started by the reason of the stop", async () => {
  const { id } = await api.batch(3);
  await api.settle(id, 1, "timeout");
  await api.ledger.control.cancel(id, "enough");
  expect((await all(id, "code=cancelled")).indexes).toEqual([0, 2]);
  expect((await all(id, "billed=no&state=cancelled")).indexes).toEqual([0, 2]);
});

test("finds text in ids, sources, names and columns, in any case", async () => {
  const spec = { ...(await api.batch(0)), id: newBatchId() };
  await api.ledger.create(spec);
  const rows = [
    { ...goodRow(0), id: "Änne.jpg", carried: { team: "Sales" } },
    { ...goodRow(1), destination: "board/1.jpg" },
    { ...goodRow(2), source: "https://photos.example/anna.jpg?signature=secret" },
    { index: 3, id: "broken", rejected: { line: 4, message: "no source" } },
  ];
  await writeSnapshotPart(api.stores.open(spec.destination.url), spec.id, 0, rows);
  const fence = await api.ledger.beginIngest(spec.id);
  await api.ledger.countPart(spec.id, { fence, part: 0, rows: 4, rejected: [], end: {} });
  const found = async (q: string) => (await all(spec.id, `q=${encodeURIComponent(q)}`)).indexes;
  expect(await found("änne")).toEqual([0]);
  expect(await found("SALES")).toEqual([0]);
  expect(await found("board/")).toEqual([1]);
  expect(await found("photos.example/anna")).toEqual([2]);
  expect(await found("signature")).toEqual([]);
  expect(await found("BROKEN")).toEqual([3]);
  expect(await found(".jpg")).toEqual([0, 1, 2]);
});

test("a cursor continues only the same list of the same batch", async () => {
  const [{ id }, other] = [await api.batch(5), await api.batch(5)];
  const { nextCursor } = await page(id, "limit=2");
  expect((await page(id, `limit=3&cursor=${nextCursor}`)).portraits.map(({ index }) => index)).toEqual([2, 3, 4]);
  for (const path of [`${id}/portraits?state=pending&`, `${other.id}/portraits?`]) {
    const answer = await api.call(`/v1/batches/${path}cursor=${nextCursor}`);
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ parameter: "cursor", in: "query", detail: expect.stringContaining("not from this list") }] },
    });
  }
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
});

test.each([
  ["cursor=0", "cursor"],
  ["code=fine", "code"],
  ["billed=perhaps", "billed"],
  ["round=-1", "round"],
  ["q=", "q"],
  ["limit=501", "limit"],
  ["state=lost", "state"],
])("rejects the query ?%s", async (query, field) => {
  const { id } = await api.batch(1);
  expect(await api.call(`/v1/batches/${id}/portraits?${query}`)).toMatchObject({ status: 400, body: { field } });
});
