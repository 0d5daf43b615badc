import { once } from "node:events";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newBatchId, type BatchSpec, type ObjectInfo, type ObjectStore } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { json, testApi, type TestApi } from "../../test/test-api.ts";
import { quoteSchema } from "../quotes/quote-schema.ts";

const recipe = { preset: "skin-smoothing", mode: "eco" };

let api: TestApi;
beforeAll(async () => {
  api = await testApi({
    variables: {
      DARKROOM_PRICES: '{"each-sense":{"eco":0.05}}',
      DARKROOM_LANE_CONCURRENCY: "2",
      DARKROOM_LANE_RATE_PER_MINUTE: "30",
    },
  });
  await mkdir(join(api.folder, "in"));
  for (const name of ["a.jpg", "b.jpg", "c.jpg"]) await writeFile(join(api.folder, "in", name), name);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

/** Returns all stored data: the Redis keys and the files. */
async function kept(): Promise<unknown> {
  const { namespace } = api.settings.redis;
  const keys = await api.redis.keys(`*${namespace}*`);
  return { keys: keys.sort(), files: (await readdir(api.folder, { recursive: true })).sort() };
}

test("quotes a batch by this deployment's prices and limits, and stores nothing", async () => {
  const before = await kept();
  const submission = { source: api.folderUrl("in"), destination: api.folderUrl("out"), recipe };
  const { status, body } = await api.call("/v1/quotes", json(submission));
  expect(status).toBe(200);
  expect(quoteSchema.parse(body)).toEqual(body);
  expect(body).toMatchObject({
    lane: "each-sense",
    destination: api.folderUrl("out"),
    rows: 3,
    goodRows: 3,
    sample: { looked: 3, missing: 0, refused: 3 },
    cost: { usd: 0.15 },
    time: { minSeconds: 10, maxSeconds: 601, concurrency: 2, ratePerMinute: 30 },
  });
  expect(await kept()).toEqual(before);
  expect(await api.ledger.listBatches(10)).toEqual([]);
});

test("reports which photos cannot be sent to the provider, and why", async () => {
  await mkdir(join(api.folder, "mixed"));
  const photos = new URL("../../../../examples/photos/", import.meta.url);
  await cp(new URL("astronaut-512.heic", photos), join(api.folder, "mixed", "phone.heic"));
  await cp(new URL("astronaut.png", photos), join(api.folder, "mixed", "plain.png"));
  await writeFile(join(api.folder, "mixed", "page.jpg"), "<!doctype html><title>Sign in</title>");
  await writeFile(join(api.folder, "mixed", "empty.jpg"), "");
  const submission = { source: api.folderUrl("mixed"), destination: api.folderUrl("out"), recipe };
  const { body } = await api.call("/v1/quotes", json(submission));
  expect(quoteSchema.parse(body).sample).toMatchObject({
    looked: 4,
    refused: 2,
    refusedExamples: [
      { source: "empty.jpg", message: "the file is empty" },
      { source: "page.jpg", message: expect.stringContaining("web page") as string },
    ],
  });
});

test("finds truncated photos, long and short ones", async () => {
  const photos = new URL("../../../../examples/photos/", import.meta.url);
  const png = await readFile(new URL("astronaut.png", photos));
  const portrait = await readFile(new URL("../../../../examples/team/design/portrait-01.jpg", import.meta.url));
  await mkdir(join(api.folder, "cut"));
  for (const [name, bytes] of [
    ["short.jpg", portrait.subarray(0, 9_000)],
    ["long.png", png.subarray(0, -5_000)],
    ["whole.png", png],
    ["whole.jpg", portrait],
  ] as const) {
    await writeFile(join(api.folder, "cut", name), bytes);
  }
  const submission = { source: api.folderUrl("cut"), destination: api.folderUrl("out"), recipe };
  const { sample } = quoteSchema.parse((await api.call("/v1/quotes", json(submission))).body);
  expect(sample).toMatchObject({ looked: 4, refused: 0, seemCut: 2 });
  expect(sample.seemCutExamples.map(({ source }) => source)).toEqual(["long.png", "short.jpg"]);
});

test("reports results that could not be stored because a folder has their name", async () => {
  await mkdir(join(api.folder, "mixed-out", "plain.png"), { recursive: true });
  const submission = { source: api.folderUrl("mixed"), destination: api.folderUrl("mixed-out"), recipe };
  const { body } = await api.call("/v1/quotes", json(submission));
  const { refusedExamples } = quoteSchema.parse(body).sample;
  expect(refusedExamples.map(({ source }) => source)).toEqual(["empty.jpg", "page.jpg", "plain.png"]);
});

test("reads an uploaded manifest without storing it", async () => {
  const before = await kept();
  const form = new FormData();
  form.append(
    "submission",
    JSON.stringify({ destination: api.folderUrl("out"), baseUrl: api.folderUrl("in"), recipe }),
  );
  form.append("manifest", new Blob(["source;mode\na.jpg;\ngone.jpg;\nb.jpg;best\na.jpg;\n"]), "team.csv");
  const { status, body } = await api.call("/v1/quotes", { method: "POST", body: form });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    rows: 4,
    goodRows: 2,
    badRows: 2,
    firstBadRows: [
      { line: 4, field: "mode" },
      { line: 5, field: "source" },
    ],
    duplicates: 0,
    sample: { looked: 2, missing: 1 },
  });
  expect(await kept()).toEqual(before);
});

test.each([
  [{ source: "s3://bucket/in/", recipe: { preset: "skin-smoothing" } }, 400, "recipe.mode"],
  [{ recipe }, 400, "source"],
  [{ source: "file:///etc/", recipe }, 403, "source"],
  [{ rows: [{ source: "a.jpg" }], lane: "other", recipe }, 400, "lane"],
])("rejects what a batch is rejected for: %o", async (part, status, field) => {
  const answer = await api.call("/v1/quotes", json({ destination: api.folderUrl("out"), ...part }));
  expect(answer).toMatchObject({ status, body: { field } });
});

test("answers 400 for an unreadable manifest, and 404 for a missing one", async () => {
  await writeFile(join(api.folder, "in", "empty.csv"), "");
  const of = async (name: string) =>
    await api.call(
      "/v1/quotes",
      json({ source: api.folderUrl(`in/${name}`).slice(0, -1), destination: api.folderUrl("out"), recipe }),
    );
  expect(await of("empty.csv")).toMatchObject({ status: 400, body: { code: "invalid_input", field: "source" } });
  expect(await of("none.csv")).toMatchObject({ status: 404, body: { code: "storage_not_found" } });
});

test("requires the key", async () => {
  await using locked = await testApi({ apiKey: "a test's own key" });
  const submission = { rows: [{ source: "a.jpg" }], destination: locked.folderUrl("out"), recipe };
  expect(await locked.call("/v1/quotes", json(submission))).toMatchObject({ status: 401 });
});

test("stops reading when the client has disconnected", async () => {
  let listed = 0;
  let listings = 0;
  async function* endless(signal: AbortSignal | undefined): AsyncGenerator<ObjectInfo> {
    listings += 1;
    try {
      for (;;) {
        signal?.throwIfAborted();
        await new Promise(setImmediate);
        yield { key: `${listed++}.jpg`, etag: "e", sizeBytes: 1, modifiedAt: 0 };
      }
    } finally {
      listings -= 1;
    }
  }
  const wrap = (store: ObjectStore): ObjectStore => {
    store.list = (options) => endless(options?.signal);
    return store;
  };
  await using watched = await testApi({
    wrapStores: (real) => ({ open: (url) => wrap(real.open(url)), close: () => real.close() }),
  });
  const { method, headers, body } = json({
    source: watched.folderUrl("in"),
    destination: watched.folderUrl("out"),
    recipe,
  });
  const asked = request(`${watched.url}/v1/quotes`, {
    method: method ?? "",
    headers: headers as Record<string, string>,
  });
  const broken = once(asked, "error");
  asked.end(body);
  await until(() => listed > 100, { what: "the listing to run" });
  expect(listings).toBeGreaterThan(0);
  asked.destroy(new Error("gone"));
  await broken;
  await until(() => listings === 0, { what: "the listing to stop" });
});

test("quotes an accepted batch from its own rows and prices", async () => {
  const { id } = await api.batch(2, { prices: { "each-sense": { eco: 0.5 } } });
  const { status, body } = await api.call(`/v1/batches/${id}/quote`);
  expect(status).toBe(200);
  expect(quoteSchema.parse(body)).toEqual(body);
  expect(body).toMatchObject({ rows: 2, goodRows: 2, cost: { usd: 1 }, sample: { looked: 2, missing: 2 } });
  expect((await api.call("/v1/batches/00000000000000000000000000/quote")).status).toBe(404);
});

test("has no quote for a batch whose source is still being read", async () => {
  const { id } = await api.batch(0);
  const ingesting = { ...(await api.ledger.read(id))?.spec, id: newBatchId() } as BatchSpec;
  await api.ledger.create(ingesting, { breaker: false });
  expect(await api.call(`/v1/batches/${ingesting.id}/quote`)).toMatchObject({
    status: 409,
    body: { code: "conflict", detail: expect.stringContaining("still being read") },
  });
});
