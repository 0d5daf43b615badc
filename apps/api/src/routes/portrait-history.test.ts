import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { batchKeys, EMPTY_RECEIPT, RESULT_METADATA } from "@darkroom/core";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

async function historyOf(id: string, index: number) {
  const { status, headers, body } = await api.call(`/v1/batches/${id}/portraits/${index}/history`);
  expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
  return body as { ends: object[]; calls: object[]; before: { url: string } | null; after: { url: string } | null };
}

test("shows how a portrait ended in each round, and links to its pictures that work", async () => {
  const spec = await api.batch(2);
  const { id } = spec;
  await api.stores.open(api.folderUrl("in")).put("p0.jpg", Buffer.from("before"), { contentType: "image/jpeg" });
  await api.settle(id, 0, "no_face", { billed: "yes", costUsd: 0, lostUsd: 0.2, message: "no face seen" });
  const [line] = await api.ledger.undrainedOutcomes(id, 1);
  const store = api.stores.open(spec.destination.url);
  const part = batchKeys(id).reportPart(0, line?.entryId ?? "");
  await store.put(part, gzipSync(`${line?.line ?? ""}\n`));
  await api.ledger.acknowledgeOutcomes(id, 0, line?.entryId ?? "");
  expect(await historyOf(id, 0)).toMatchObject({
    ends: [{ round: 0, code: "no_face", billed: "yes", lostUsd: 0.2, message: "no face seen", lane: null }],
    calls: [],
    after: null,
  });
  expect((await api.call(`/v1/batches/${id}/retry`, json({ codes: ["no_face"] }))).status).toBe(200);
  await api.ledger.control.reopen(id, 1, new Map([[0, { code: "no_face" }]]));
  await api.ledger.control.endReopening(id, 1);
  const metadata = { [RESULT_METADATA.batch]: id, [RESULT_METADATA.sha256]: "0".repeat(64) };
  await store.put("p0.jpg", Buffer.from("after"), { metadata, contentType: "image/jpeg" });
  await api.settle(id, 0, "ok", { billed: "yes", costUsd: 0.1 });
  const { ends, after } = await historyOf(id, 0);
  expect(ends).toMatchObject([
    { round: 0, code: "no_face" },
    { round: 1, code: "ok", costUsd: 0.1 },
  ]);
  expect(after).toMatchObject({ url: expect.any(String), expiresAt: expect.any(String) });
  const shown = await api.call(new URL(after?.url ?? "").pathname);
  expect([shown.status, shown.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
  const other = await historyOf(id, 1);
  expect(other).toMatchObject({ ends: [], calls: [], before: null, after: null });
  expect((await api.call(`/v1/batches/${id}/portraits/2/history`)).status).toBe(404);
});

test("shows the calls of a portrait that has not ended: times, money and session, but no link of the provider", async () => {
  const { id } = await api.batch(1);
  const at = Date.parse("2026-12-01T10:00:00Z");
  const order = { identity: "f".repeat(32) };
  await api.ledger.claims.claim(id, 0, "t/1");
  await api.ledger.claims.writeReceipt(id, 0, "t/1", {
    ...EMPTY_RECEIPT,
    order: order as never,
    firstIntentAt: at,
    calls: [
      { step: 0, at, generation: 0, priceMicroUsd: 40_000, status: "spent", counts: "attempt" },
      {
        step: 0,
        at: at + 5_000,
        generation: 1,
        priceMicroUsd: 40_000,
        status: "answered",
        outputs: { urls: ["https://cdn.example/x.png?signature=abc"], at },
      },
    ],
  });
  const { calls } = await historyOf(id, 0);
  const session = `darkroom-${id}-${order.identity}`;
  expect(calls).toEqual([
    {
      step: 0,
      round: 0,
      at: "2026-12-01T10:00:00.000Z",
      status: "spent",
      money: "paid",
      priceUsd: 0.04,
      counts: "attempt",
      session,
      lane: "each-sense",
    },
    expect.objectContaining({ status: "answered", money: "paid", session: `${session}-g1`, counts: null }),
  ]);
  expect(JSON.stringify(calls)).not.toContain("signature");
});
