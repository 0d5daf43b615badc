import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromBuffer, type Entry, type ZipFile } from "yauzl";
import { RESULT_METADATA, type BatchSpec, type ObjectStore } from "@darkroom/core";
import type { Stores } from "@darkroom/storage";
import { until } from "@darkroom/testkit";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

const open = promisify<Buffer, object, ZipFile>(fromBuffer);

type OpenEntry = (entry: Entry, callback: (error: Error | null, stream: Readable) => void) => void;

let api: TestApi;
/** Reads of pictures that have not ended. */
let reading = 0;
beforeAll(async () => {
  api = await testApi({ wrapStores: countingReads });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

function countingReads(real: Stores): Stores {
  const counted = (store: ObjectStore): ObjectStore =>
    new Proxy(store, {
      get(of, name) {
        if (name !== "get") {
          const value: unknown = Reflect.get(of, name);
          return typeof value === "function" ? (value.bind(of) as unknown) : value;
        }
        return async (...args: Parameters<ObjectStore["get"]>) => {
          const found = await of.get(...args);
          reading += 1;
          found.body.once("close", () => (reading -= 1));
          return found;
        };
      },
    });
  return { ...real, open: (url) => counted(real.open(url)) };
}

const putResult = async ({ id, destination }: BatchSpec, index: number, bytes: Buffer, batch = id): Promise<void> => {
  const metadata = { [RESULT_METADATA.batch]: batch, [RESULT_METADATA.sha256]: `${index}`.padEnd(64, "0") };
  await api.stores.open(destination.url).put(`p${index}.jpg`, bytes, { metadata, contentType: "image/jpeg" });
};

/** A batch of four: two with results, one with a result that another batch has replaced, one failed. */
async function batchWithResults(
  bytes = (index: number): Buffer => Buffer.from(`picture ${index}`),
): Promise<BatchSpec> {
  const spec = await api.batch(4);
  for (const index of [0, 1, 2]) {
    await putResult(spec, index, bytes(index));
    await api.settle(spec.id, index, "ok");
  }
  const other = await api.batch(1);
  await putResult(spec, 2, Buffer.from("somebody else"), other.id);
  await putResult(spec, 3, Buffer.from("an old picture"), other.id);
  await api.settle(spec.id, 3, "no_face");
  return spec;
}

/** Downloads a ZIP, and returns its files by name. */
async function unzipped(id: string, query = ""): Promise<Readonly<Record<string, string>>> {
  const answer = await fetch(`${api.url}/v1/batches/${id}/results.zip${query}`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/zip"]);
  const zip = await open(Buffer.from(await answer.arrayBuffer()), { lazyEntries: true });
  const files: Record<string, string> = {};
  for await (const entry of zip.eachEntry()) {
    const body = await promisify(zip.openReadStream.bind(zip) as OpenEntry)(entry);
    files[entry.fileName] = (await buffer(body)).toString();
  }
  return files;
}

test("holds the results that are certainly the portraits' own, under their names", async () => {
  const { id } = await batchWithResults();
  expect(await unzipped(id)).toEqual({ "p0.jpg": "picture 0", "p1.jpg": "picture 1" });
});

test("contains only results that are currently approved", async () => {
  const spec = await batchWithResults();
  await api.call(`/v1/batches/${spec.id}/reviews`, json({ order: "approve", indexes: [0, 1] }));
  await api.call(`/v1/batches/${spec.id}/reviews`, json({ order: "reject", indexes: [1] }));
  expect(await unzipped(spec.id, "?only=approved")).toEqual({ "p0.jpg": "picture 0" });
  const metadata = { [RESULT_METADATA.batch]: spec.id, [RESULT_METADATA.sha256]: "f".repeat(64) };
  const made = { metadata, contentType: "image/jpeg" };
  await api.stores.open(spec.destination.url).put("p0.jpg", Buffer.from("made again"), made);
  expect(await unzipped(spec.id, "?only=approved")).toEqual({});
});

test("reads no picture on when its reader has gone", async () => {
  const { id } = await batchWithResults(() => Buffer.alloc(8 * 1_024 * 1_024));
  const abort = new AbortController();
  const answer = await fetch(`${api.url}/v1/batches/${id}/results.zip`, { signal: abort.signal });
  const reader = answer.body?.getReader();
  await reader?.read();
  expect(reading).toBe(1);
  abort.abort();
  await until(() => Promise.resolve(reading === 0), { what: "the picture to be closed" });
});
