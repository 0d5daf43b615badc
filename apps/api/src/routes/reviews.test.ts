import { afterAll, beforeAll, expect, test } from "vitest";
import { batchKeys, DarkroomError, RESULT_METADATA, type BatchSpec } from "@darkroom/core";
import type { Stores } from "@darkroom/storage";
import { batchLedgerKeys } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { readStream } from "../../test/read-stream.ts";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

/** Stores the result of a portrait, as a worker does. */
async function store({ id, destination }: BatchSpec, index: number, digest = `${index}`): Promise<void> {
  const metadata = { [RESULT_METADATA.batch]: id, [RESULT_METADATA.sha256]: digest.padEnd(64, "0") };
  await api.stores.open(destination.url).put(`p${index}.jpg`, Buffer.from(digest), { metadata });
}

/** Creates a batch whose first portraits have results. */
async function reviewable(rows: number, results = rows): Promise<BatchSpec> {
  const spec = await api.batch(rows);
  for (let index = 0; index < results; index += 1) {
    await store(spec, index);
    await api.settle(spec.id, index, "ok");
  }
  return spec;
}

async function review(id: string, body: object) {
  return await api.call(`/v1/batches/${id}/reviews`, json(body));
}

async function stateOf(id: string, index: number): Promise<unknown> {
  return (await api.call(`/v1/batches/${id}/portraits/${index}`)).body["review"];
}

test("decisions are in the portraits, the status, the log and the feed", async () => {
  const { id } = await reviewable(4, 3);
  const reject = await review(id, { order: "reject", indexes: [2, 0], note: "too dark" });
  expect(reject).toMatchObject({
    status: 200,
    body: { recorded: 2, unchanged: 0, review: { revision: 1, rejected: 2, approved: 0, undecided: 1 } },
  });
  expect((await review(id, { order: "approve", where: { review: ["undecided"] } })).body).toMatchObject({
    recorded: 1,
  });
  expect(await stateOf(id, 0)).toMatchObject({ state: "rejected", by: "local", note: "too dark", line: 1 });
  expect(await stateOf(id, 3)).toBeNull();
  const status = await api.call(`/v1/batches/${id}`);
  expect(status.body["review"]).toEqual({ revision: 2, undecided: 0, approved: 1, rejected: 2 });
  const log = await api.call(`/v1/batches/${id}/reviews?limit=1`);
  expect(log.body).toMatchObject({ reviews: [{ number: 2, order: "approve", portraits: [1] }], nextBefore: 2 });
  const { events } = await api.ledger.feed.batches.read(id, "0-0", 100);
  expect(events.filter(({ event }) => event.type === "batch.reviewed").map(({ event }) => event.data)).toEqual([
    { revision: 1, by: "local", order: "reject", note: "too dark", rejected: "0,2" },
    { revision: 2, by: "local", order: "approve", approved: "1" },
  ]);
});

test("decisions are in the map of states and, after the batch's end, in a kept stream", async () => {
  const { id } = await reviewable(3);
  await api.end(id, "completed");
  const { events } = await readStream(api, `/v1/batches/${id}/events?ended=keep`);
  await until(() => events.length > 0, { what: "the status" });
  await review(id, { order: "approve", indexes: [0] });
  await review(id, { order: "reject", indexes: [1, 2] });
  const map = await fetch(`${api.url}/v1/batches/${id}/states`);
  expect(Buffer.from(await map.arrayBuffer()).toString("hex")).toBe("8990");
  const told = (): unknown[] => events.filter(({ name }) => name === "batch.reviewed").map(({ data }) => data["data"]);
  await until(() => told().length === 2, { what: "the decisions" });
  expect(told()).toMatchObject([{ approved: "0" }, { rejected: "1-2" }]);
  expect(events.some(({ name }) => name === "batch-end")).toBe(false);
});

test.each([",", ";", "\t"])(
  "the report has the decisions as they are now, with %j between the columns",
  async (between) => {
    const { id, destination } = await reviewable(3);
    await api.end(id, "completed");
    const keys = batchKeys(id);
    const out = api.stores.open(destination.url);
    const rows = [
      ["id", "message"],
      ["p0", '"two\nlines, ""quoted"""'],
      ["p1", "ä"],
      ["p2", ""],
    ];
    await out.put(keys.reportCsv, Buffer.from(`\ufeff${rows.map((row) => `${row.join(between)}\n`).join("")}`));
    await out.put(keys.reportJsonl, Buffer.from('{"id":"p0"}\n{"id":"p1"}\n{"id":"p2"}\n'));
    const report = async (file: string) => (await api.call(`/v1/batches/${id}/${file}`)).body["text"] as string;
    expect(await report("report.csv")).not.toContain("decision");
    await review(id, { order: "reject", indexes: [0], note: `=1+1, "no"` });
    await review(id, { order: "approve", indexes: [2] });
    const note = `"'=1+1, ""no"""`;
    expect((await report("report.csv")).replace("\ufeff", "")).toBe(
      [
        [...(rows[0] ?? []), "decision", "decidedBy", "decisionNote"],
        [...(rows[1] ?? []), "rejected", "local", note],
        [...(rows[2] ?? []), "", "", ""],
        [...(rows[3] ?? []), "approved", "local", ""],
      ]
        .map((row) => `${row.join(between)}\n`)
        .join(""),
    );
    const lines = (await report("report.jsonl"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines[0]).toEqual({ id: "p0", decision: "rejected", decidedBy: "local", decisionNote: `=1+1, "no"` });
    expect(lines[1]).toEqual({ id: "p1", decision: "", decidedBy: "", decisionNote: "" });
  },
);

test("undo restores the previous decision, step by step, and the log shows the withdrawn one", async () => {
  const { id } = await reviewable(1);
  await review(id, { order: "reject", indexes: [0], note: "red eyes" });
  await review(id, { order: "approve", ids: ["p0"] });
  await review(id, { order: "undo", indexes: [0] });
  expect(await stateOf(id, 0)).toMatchObject({ state: "rejected", note: "red eyes", line: 3 });
  await review(id, { order: "undo", indexes: [0] });
  expect(await stateOf(id, 0)).toEqual({ state: "undecided", line: 4, by: null, at: null, note: null });
  expect((await review(id, { order: "undo", indexes: [0] })).body).toMatchObject({ recorded: 0, unchanged: 1 });
  const { body } = await api.call(`/v1/batches/${id}/reviews`);
  expect((body["reviews"] as { undoes: number[] }[]).map(({ undoes }) => undoes)).toEqual([[1], [2], [], []]);
  expect(body["review"]).toMatchObject({ approved: 0, rejected: 0, undecided: 1 });
});

test("shows and keeps a decision made since the user looked, and records nothing of the order", async () => {
  const { id } = await reviewable(3);
  await review(id, { order: "reject", indexes: [1], note: "blurred", revision: 0 });
  const late = await review(id, { order: "approve", indexes: [0, 1], revision: 0 });
  expect(late).toMatchObject({
    status: 409,
    body: { code: "stale", conflicts: [{ index: 1, review: { state: "rejected", note: "blurred", by: "local" } }] },
  });
  expect(await stateOf(id, 0)).toMatchObject({ state: "undecided" });
  expect((await review(id, { order: "approve", indexes: [0, 1], revision: 1 })).status).toBe(200);
});

test("with many reviewers at once, each sees the others' decisions before overruling them", async () => {
  const { id } = await reviewable(5);
  const orders = Array.from({ length: 40 }, (_, place) => ({
    order: place % 2 === 0 ? "approve" : "reject",
    indexes: [place % 5, (place + 1) % 5],
  }));
  const answers = await Promise.all(orders.map((order) => review(id, order)));
  const recorded = answers.filter(({ status, body }) => status === 200 && Number(body["recorded"]) > 0).length;
  const { body } = await api.call(`/v1/batches/${id}/reviews?limit=200`);
  const log = body["reviews"] as { number: number }[];
  expect(log.map(({ number }) => number)).toEqual(log.map((_, place) => log.length - place));
  expect(log.length).toBe(recorded);
  const { approved, rejected } = body["review"] as { approved: number; rejected: number };
  expect(approved + rejected).toBe(5);
});

test("a portrait without a result, or with another batch's, cannot be decided about", async () => {
  const spec = await reviewable(2, 1);
  expect(await review(spec.id, { order: "approve", indexes: [1] })).toMatchObject({ status: 409 });
  await store({ ...spec, id: "another" }, 0);
  expect(await review(spec.id, { order: "approve", indexes: [0] })).toMatchObject({ status: 409 });
  expect(await review(spec.id, { order: "approve", indexes: [9] })).toMatchObject({ status: 404 });
  expect(await review(spec.id, { order: "approve" })).toMatchObject({ status: 400 });
  const status = await api.call(`/v1/batches/${spec.id}`);
  expect(status.body["review"]).toMatchObject({ revision: 0 });
});

test("a long selection is several lines, and the decisions of an ended batch expire with it", async () => {
  const spec = await reviewable(1_200);
  await api.end(spec.id, "completed");
  expect((await review(spec.id, { order: "approve", where: {} })).body).toMatchObject({
    recorded: 1_200,
    review: { revision: 3, approved: 1_200 },
    nextCursor: null,
  });
  const { reviews, reviewLines } = batchLedgerKeys(api.settings.redis.namespace, spec.id);
  for (const key of [reviews, reviewLines]) expect(await api.redis.pttl(key)).toBeGreaterThan(1_000);
});

test("restores decisions that Redis has lost from the object store, for the same results only", async () => {
  const spec = await reviewable(3);
  const { id } = spec;
  await review(id, { order: "approve", indexes: [0, 1, 2] });
  await review(id, { order: "reject", indexes: [2], note: "eyes closed" });
  const keys = batchLedgerKeys(api.settings.redis.namespace, id);
  await api.redis.del(keys.reviews, keys.reviewLines);
  await api.redis.hdel(keys.meta, "reviewRevision", "reviewStored", "reviewApproved", "reviewRejected");
  await store(spec, 1, "77");
  expect((await review(id, { order: "undo", indexes: [1] })).body).toMatchObject({
    unchanged: 1,
    review: { revision: 2, approved: 1, rejected: 1, undecided: 1 },
  });
  expect(await stateOf(id, 2)).toMatchObject({ state: "rejected", note: "eyes closed" });
});

test("a key delivers only to its own prefixes, and decides only with its scope", async () => {
  await using other = await testApi({ apiKey: "the root key" });
  const root = { "x-api-key": "the root key" };
  const { id } = await other.batch(1, { tenant: "acme" });
  const keyOf = async (scopes: readonly string[], destinations: unknown): Promise<Record<string, string>> => {
    const wish = { name: "k", tenant: "acme", scopes, limits: { sources: "any", destinations } };
    const { body } = await other.call("/v1/keys", json(wish, root));
    return { "x-api-key": String(body["key"]) };
  };
  const bounded = await keyOf(["manage"], [other.folderUrl("mine")]);
  const deliver = async (name: string, key: Record<string, string>) =>
    (await other.call(`/v1/batches/${id}/deliveries`, json({ destination: other.folderUrl(name) }, key))).status;
  expect(await deliver("mine", bounded)).toBe(200);
  expect(await deliver("yours", bounded)).toBe(403);
  const reader = await keyOf(["read"], "any");
  expect(await deliver("mine", reader)).toBe(403);
  for (const [path, order] of [
    ["reviews", { order: "approve", where: {} }],
    ["redo", { note: "warmer", where: {} }],
  ] as const) {
    expect((await other.call(`/v1/batches/${id}/${path}`, json(order, reader))).status).toBe(403);
    expect((await other.call(`/v1/batches/${id}/${path}`, json(order, bounded))).status).toBe(403);
  }
});

test("a decision that the store did not take is kept, and stored with the next one", async () => {
  let isDown = true;
  const failing = (real: Stores): Stores => ({
    close: () => real.close(),
    open: (url) => {
      const store = real.open(url);
      return new Proxy(store, {
        get: (target, name) => {
          const own = Reflect.get(target, name) as unknown;
          if (typeof own !== "function") return own;
          return (...args: readonly unknown[]): unknown => {
            const isLog = name === "put" && String(args[0]).includes("/reviews/");
            if (isDown && isLog) throw new DarkroomError("storage_unavailable", "the store is down");
            return Reflect.apply(own, target, args);
          };
        },
      });
    },
  });
  await using other = await testApi({ wrapStores: failing });
  const spec = await other.batch(2);
  const out = other.stores.open(spec.destination.url);
  for (const index of [0, 1]) {
    const metadata = { [RESULT_METADATA.batch]: spec.id, [RESULT_METADATA.sha256]: `${index}`.padEnd(64, "0") };
    await out.put(`p${index}.jpg`, Buffer.from("x"), { metadata });
    await other.settle(spec.id, index, "ok");
  }
  const path = `/v1/batches/${spec.id}/reviews`;
  expect((await other.call(path, json({ order: "approve", indexes: [0] }))).status).toBe(503);
  isDown = false;
  expect(await other.call(path, json({ order: "approve", indexes: [0] }))).toMatchObject({
    status: 200,
    body: { recorded: 0, unchanged: 1 },
  });
  await other.call(path, json({ order: "reject", indexes: [1] }));
  const files: string[] = [];
  for await (const { key } of out.list({ prefix: batchKeys(spec.id).reviewsPrefix })) files.push(key);
  expect(files.map((key) => Number(key.split("/").at(-1)?.split("-")[0]))).toEqual([1, 2]);
});

test("an old line is read from the object store", async () => {
  const spec = await reviewable(1);
  await review(spec.id, { order: "reject", indexes: [0], note: "once" });
  const { reviewLines } = batchLedgerKeys(api.settings.redis.namespace, spec.id);
  await api.redis.del(reviewLines);
  expect(await stateOf(spec.id, 0)).toMatchObject({ note: "once" });
  const files: string[] = [];
  for await (const { key } of api.stores
    .open(spec.destination.url)
    .list({ prefix: batchKeys(spec.id).reviewsPrefix })) {
    files.push(key);
  }
  expect(files).toHaveLength(1);
});
