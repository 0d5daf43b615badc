import { afterAll, beforeAll, expect, test } from "vitest";
import { batchKeys } from "@darkroom/core";
import { readSnapshotPart, writeSnapshotPart } from "@darkroom/manifest";
import { goodRow, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

/** A batch with the files that it leaves in its destination. */
async function batch() {
  const spec = await api.batch(1);
  const store = api.stores.open(spec.destination.url);
  const keys = batchKeys(spec.id);
  // The list of the batch's photos already exists.
  const files = [keys.spec, keys.reportCsv, keys.input(0, "v", "jpg"), `${spec.id}.jpg`];
  for (const key of files) await store.put(key, Buffer.from("12345"));
  const left = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of store.list({ prefix: keys.base })) found.push(key);
    return found;
  };
  return { id: spec.id, keys, store, left };
}

const clean = async (id: string, query = "") => await api.call(`/v1/batches/${id}${query}`, { method: "DELETE" });

test("deletes the working files of an ended batch, forgets it, and leaves results, their names and the report", async () => {
  const { id, keys, store, left } = await batch();
  const other = await batch();
  await api.end(id, "completed");
  expect(await clean(id)).toMatchObject({ status: 200, body: { id, files: 1, bytes: expect.any(Number) } });
  expect(await left()).toEqual([keys.spec, keys.reportCsv, keys.snapshotPart(0, 0)]);
  expect(await store.head(`${id}.jpg`)).toBeDefined();
  expect(await other.left()).toHaveLength(4);
  expect(await api.call(`/v1/batches/${id}`)).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining("was removed with darkroom clean") as string },
  });
  const { body } = await api.call("/v1/batches");
  const listed = (body["batches"] as readonly { id: string }[]).map((each) => each.id);
  expect(listed).toContain(other.id);
  expect(listed).not.toContain(id);
  expect((await clean(id)).status).toBe(404);
});

test("deletes the report too where that is asked for", async () => {
  const { id, keys, left } = await batch();
  await api.end(id, "cancelled");
  expect(await clean(id, "?report=delete")).toMatchObject({ status: 200, body: { files: 2 } });
  expect(await left()).toEqual([keys.spec, keys.snapshotPart(0, 0)]);
});

test("keeps of the list of photos only the names of the results", async () => {
  const { id, store } = await batch();
  await writeSnapshotPart(store, id, 0, [goodRow(0), { index: 1, source: "b", rejected: { message: "no photo" } }], 7);
  await api.end(id, "completed");
  expect(await clean(id)).toMatchObject({ status: 200, body: { files: 2 } });
  expect(await readSnapshotPart(store, id, 0)).toEqual([
    { index: 0, id: "", source: "", destination: "p0.jpg" },
    { index: 1, rejected: { message: "" } },
  ]);
});

test("deletes a damaged list of photos", async () => {
  const { id, keys, store, left } = await batch();
  await store.put(keys.snapshotPart(0, 0), Buffer.from("damaged"));
  await api.end(id, "completed");
  expect(await clean(id)).toMatchObject({ status: 200 });
  expect(await left()).toEqual([keys.spec, keys.reportCsv]);
});

test("changes nothing in a batch that has not ended", async () => {
  const { id, left } = await batch();
  expect(await clean(id)).toMatchObject({
    status: 409,
    body: { code: "conflict", detail: expect.stringContaining(`darkroom cancel ${id}`) },
  });
  expect(await left()).toHaveLength(4);
  expect((await api.call(`/v1/batches/${id}`)).status).toBe(200);
});
