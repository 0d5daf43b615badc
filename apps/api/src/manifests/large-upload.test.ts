import { request, type ClientRequest } from "node:http";
import { readdir } from "node:fs/promises";
import { once } from "node:events";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { batchKeys, type ObjectStore } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { testApi, type TestApi, type TestApiOptions } from "../../test/test-api.ts";

const BOUNDARY = "----test";
const MEBIBYTE = 1_024 * 1_024;

/** Starts an upload with a hand-written file part. */
function startUpload(api: TestApi): ClientRequest {
  const upload = request(`${api.url}/v1/batches`, {
    method: "POST",
    headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}` },
  });
  const places = { destination: api.folderUrl("out"), baseUrl: api.folderUrl("in") };
  const fields = { ...places, preset: "skin-smoothing", mode: "eco", skipBadRows: "true" };
  for (const [name, value] of Object.entries(fields)) {
    upload.write(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  }
  upload.write(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="manifest"; filename="big.csv"\r\n\r\n`);
  return upload;
}

/** Creates stores that start reading an upload on request. */
function heldStores(): TestApiOptions & { readonly asked: Promise<void>; release(): void } {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const hold = (store: ObjectStore): ObjectStore => ({
    url: store.url,
    kind: store.kind,
    checkKey: (key) => store.checkKey(key),
    get: (key, options) => store.get(key, options),
    head: (key) => store.head(key),
    list: (options) => store.list(options),
    delete: (key) => store.delete(key),
    link: (key, options) => store.link(key, options),
    put: async (key, body, options) => {
      if (body instanceof Readable) {
        ask();
        await released;
      }
      return await store.put(key, body, options);
    },
  });
  return {
    asked,
    release,
    wrapStores: (real) => ({ open: (url) => hold(real.open(url)), close: () => real.close() }),
  };
}

test("reads no more of an upload than the store does, and then all of it", async () => {
  const held = heldStores();
  await using api = await testApi(held);
  const upload = startUpload(api);
  const answered = once(upload, "response");
  const chunk = Buffer.alloc(MEBIBYTE, "a.jpg\n");
  chunk.write("source\n");
  const total = 96;
  let sent = 0;
  const sending = (async () => {
    for (; sent < total; sent++) if (!upload.write(chunk)) await once(upload, "drain");
    upload.end(`\r\n--${BOUNDARY}--\r\n`);
  })();
  await held.asked;
  let before = -1;
  await until(
    () => {
      const still = sent === before;
      before = sent;
      return still;
    },
    { what: "the upload to stand still", everyMs: 300 },
  );
  expect(sent).toBeLessThan(total / 3);
  held.release();
  await sending;
  const [response] = await answered;
  expect(response.statusCode).toBe(201);
  const [id = ""] = await api.ledger.listBatches(1);
  const manifest = await api.stores.open(api.folderUrl("out")).head(batchKeys(id).manifest("csv"));
  expect(manifest?.sizeBytes).toBe(total * MEBIBYTE);
});

test("accepts nothing from an interrupted upload", async () => {
  await using api = await testApi();
  const upload = startUpload(api);
  const broken = once(upload, "error");
  upload.write("source\na.jpg\n".repeat(100_000));
  await until(async () => (await readdir(api.folder)).includes("out"), { what: "the upload to begin" });
  upload.destroy(new Error("gone"));
  await broken;
  const left = async (): Promise<string[]> => await readdir(api.folder, { recursive: true });
  await until(async () => (await left()).join() === "out", { what: "the remains to be cleared away" });
  expect(await api.ledger.listBatches(10)).toEqual([]);
});
