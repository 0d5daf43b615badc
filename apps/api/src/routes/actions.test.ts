import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RESULT_METADATA, type BatchSpec } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { json, testApi, type Answer, type TestApi } from "../../test/test-api.ts";

const PRICES = { DARKROOM_PRICES: '{"each-sense":{"eco":0.5,"max":0.5}}' };

let api: TestApi;
beforeAll(async () => {
  api = await testApi({ variables: PRICES });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

/** Creates a batch whose first portraits have results. */
async function withResults(rows: number, results = rows): Promise<BatchSpec> {
  const spec = await api.batch(rows);
  for (let index = 0; index < results; index += 1) {
    const sha256 = createHash("sha256").update(`${index}`).digest("hex");
    const metadata = { [RESULT_METADATA.batch]: spec.id, [RESULT_METADATA.sha256]: sha256 };
    await api.stores.open(spec.destination.url).put(`p${index}.jpg`, Buffer.from(`${index}`), { metadata });
    await api.settle(spec.id, index, "ok");
  }
  return spec;
}

async function send(id: string, body: object): Promise<Answer> {
  return await api.call(`/v1/batches/${id}/actions`, json(body));
}

/** Carries out an action to its end. */
async function carryOut(id: string, body: object): Promise<Record<string, unknown>> {
  const { status, headers, body: begun } = await send(id, body);
  expect([status, begun["detail"], begun["state"]]).toEqual([202, undefined, "running"]);
  const url = headers.get("location") ?? "";
  expect(url).toBe(`/v1/operations/${String(begun["id"])}`);
  return await until(
    async () => {
      const { body: now } = await api.call(url);
      return now["state"] === "running" ? undefined : now;
    },
    { what: "the end of the operation" },
  );
}

async function stateOf(id: string): Promise<unknown> {
  return (await api.call(`/v1/batches/${id}`)).body;
}

test("decides about all results that match, and counts them first", async () => {
  const { id } = await withResults(5, 4);
  const approve = { action: "approve", where: { review: ["undecided"] } };
  expect(await send(id, { ...approve, dryRun: true })).toMatchObject({ status: 200, body: { matched: 4, costUsd: 0 } });
  expect(await stateOf(id)).toMatchObject({ review: { undecided: 4 } });
  const reject = { action: "reject", where: { indexes: [1, 3, 4], q: "P3" }, note: "too dark", expect: 1 };
  expect(await carryOut(id, reject)).toMatchObject({
    state: "completed",
    action: "reject",
    batch: id,
    matched: 1,
    done: 1,
    counts: { recorded: 1, unchanged: 0 },
    problems: [],
    error: null,
    createdBy: "local",
    endedAt: expect.any(String),
  });
  // The count has moved since the dry run.
  expect(await send(id, { ...approve, expect: 4 })).toMatchObject({
    status: 409,
    body: { code: "stale", field: "expect", detail: expect.stringContaining("3 portraits match now") },
  });
  expect(await stateOf(id)).toMatchObject({ review: { undecided: 3, rejected: 1, approved: 0 } });
  expect(await carryOut(id, { ...approve, expect: 3 })).toMatchObject({ done: 3, counts: { recorded: 3 } });
  expect(await carryOut(id, { action: "undo", where: { review: ["rejected"] } })).toMatchObject({ done: 1 });
  expect(await stateOf(id)).toMatchObject({ review: { undecided: 1, rejected: 0, approved: 3 } });
});

test("retries just the portraits that match, or all of an outcome", async () => {
  const { id } = await api.batch(8);
  for (const index of [0, 1, 2, 5]) await api.settle(id, index, "no_face", { billed: index < 2 ? "yes" : "no" });
  await api.settle(id, 3, "timeout");
  const narrow = { action: "retry", where: { code: ["no_face"], billed: ["no"] } };
  expect((await send(id, { ...narrow, dryRun: true })).body).toEqual({ matched: 2, costUsd: 1 });
  expect(await carryOut(id, { ...narrow, expect: 2 })).toMatchObject({
    state: "completed",
    costUsd: 1,
    counts: { reopened: 2 },
  });
  const [round] = (await api.ledger.read(id))?.rounds ?? [];
  expect(round).toMatchObject({ codes: ["no_face"], portraits: "2,5" });
  // Another one must wait until the portraits are reopened.
  const wide = { action: "retry", where: { code: ["no_face", "timeout"] } };
  expect(await carryOut(id, wide)).toMatchObject({
    state: "failed",
    done: 0,
    error: { code: "conflict", detail: expect.stringContaining("still being reopened") },
  });
  await api.ledger.control.reopen(id, 1, new Map([2, 5].map((index) => [index, { code: "no_face" }])));
  await api.ledger.control.endReopening(id, 1);
  expect((await send(id, { ...wide, dryRun: true })).body).toMatchObject({ matched: 3 });
  await carryOut(id, { ...wide, recipe: { mode: "max" } });
  const second = (await api.ledger.read(id))?.rounds[1];
  expect(second).toMatchObject({ codes: ["no_face", "timeout"], recipe: { mode: "max" } });
  expect(second?.portraits).toBeUndefined();
});

test("without codes, retries what may succeed now", async () => {
  const { id } = await api.batch(4);
  for (const [index, code] of (["no_face", "timeout", "provider_error"] as const).entries()) {
    await api.settle(id, index, code);
  }
  expect((await send(id, { action: "retry", dryRun: true })).body).toMatchObject({ matched: 2 });
  const changed = { action: "retry", recipe: { prompt: "brighter" }, dryRun: true };
  expect((await send(id, changed)).body).toMatchObject({ matched: 3 });
});

test("orders other results, and names their price", async () => {
  const { id } = await withResults(3);
  const redo = { action: "redo", note: "brighter", where: { indexes: [0, 2] } };
  expect((await send(id, { ...redo, dryRun: true })).body).toEqual({ matched: 2, costUsd: 1 });
  expect(await carryOut(id, redo)).toMatchObject({ state: "completed", costUsd: 1, counts: { reopened: 2 } });
  expect((await api.ledger.read(id))?.rounds).toMatchObject([{ codes: ["ok"], portraits: "0,2" }]);
});

test("delivers approved results, page by page", async () => {
  const { id, destination } = await withResults(60);
  await carryOut(id, { action: "approve" });
  const deliver = { action: "deliver", destination: api.folderUrl("final"), expect: 60 };
  expect(await carryOut(id, deliver)).toMatchObject({ done: 60, counts: { delivered: 60, unchanged: 0, removed: 0 } });
  await api.stores.open(destination.url).put("p7.jpg", Buffer.from("another"), {});
  expect(await carryOut(id, deliver)).toMatchObject({
    done: 60,
    counts: { delivered: 0, unchanged: 59, removed: 0, failed: 1 },
    problems: [{ index: 7, id: "p7", message: expect.any(String) }],
  });
});

test("answers a question for all portraits that have it", async () => {
  const { id } = await api.batch(3);
  for (const index of [0, 1]) {
    const question = { text: index === 0 ? "Which look?" : "Which colour?", options: [] };
    await api.settle(id, index, "needs_clarification", { question });
  }
  const answer = { action: "answer", answer: "the natural one", question: "which look" };
  expect((await send(id, { ...answer, dryRun: true })).body).toEqual({ matched: 1, costUsd: 0.5 });
  expect(await carryOut(id, { ...answer, expect: 1 })).toMatchObject({ state: "completed", counts: { reopened: 1 } });
  expect((await api.ledger.read(id))?.rounds).toMatchObject([{ question: "which look" }]);
});

test.each([
  [{ action: "burn" }, 400, "#/action"],
  [{ action: "retry", where: { code: ["invalid_row"] } }, 400, "#/where/code"],
  [{ action: "retry", where: { colour: "red" } }, 400, "#/where/colour"],
  [{ action: "redo" }, 400, "#/note"],
  [{ action: "approve", where: { indexes: [-1] }, expect: -1 }, 400, "#/expect"],
  [{ action: "deliver", destination: "s3://b/", where: { q: "x" } }, 400, "#/where"],
  [{ action: "answer", answer: "yes", where: { q: "x" } }, 400, "#/where"],
])("refuses %j", async (body, status, pointer) => {
  const { id } = await api.batch(1);
  const { status: found, body: problem } = await send(id, body);
  expect([found, problem["errors"]]).toEqual([status, expect.arrayContaining([expect.objectContaining({ pointer })])]);
});

test("rejects an action without matches, and a part of a stopped batch", async () => {
  const { id } = await api.batch(3);
  await api.settle(id, 0, "timeout");
  expect(await send(id, { action: "approve" })).toMatchObject({ status: 409, body: { field: "where" } });
  await api.ledger.control.cancel(id, "enough");
  await api.end(id, "cancelled");
  const retry = { action: "retry", where: { indexes: [0] } };
  expect(await send(id, retry)).toMatchObject({ status: 409, body: { field: "where" } });
  expect((await send(id, { action: "retry", dryRun: true })).body).toMatchObject({ matched: 3 });
});

test("an action needs its own scope", async () => {
  await using own = await testApi({ apiKey: "root" });
  const { id } = await own.batch(1);
  await own.settle(id, 0, "timeout");
  const bodies = [
    { action: "retry", dryRun: true },
    { action: "approve", dryRun: true },
  ];
  for (const [scope, statuses] of [
    ["manage", [200, 403]],
    ["review", [403, 200]],
    ["submit", [403, 403]],
    ["admin", [200, 200]],
  ] as const) {
    const wish = json({ name: scope, scopes: [scope] }, { "x-api-key": "root" });
    const key = String((await own.call("/v1/keys", wish)).body["key"]);
    const answers = await Promise.all(
      bodies.map(async (body) => await own.call(`/v1/batches/${id}/actions`, json(body, { "x-api-key": key }))),
    );
    expect([scope, answers.map(({ status }) => status)]).toEqual([scope, statuses]);
  }
});

test.each(["approve", "reject", "undo", "redo"])(
  "%s refuses a note that pages and JSON would show otherwise",
  async (action) => {
    const { id } = await withResults(1);
    for (const note of ["escape \u001b[31m", "half \ud83d", "null \u0000"]) {
      const { status, body } = await send(id, { action, note });
      expect([note, status, body["code"], body["field"]]).toEqual([note, 400, "invalid_input", "note"]);
    }
    expect(await stateOf(id)).toMatchObject({ review: { undecided: 1, revision: 0 } });
  },
);
