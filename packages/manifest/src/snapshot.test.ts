import { batchKeys, newBatchId, SNAPSHOT_PART_ROWS, type ObjectStore, type SnapshotRow } from "@darkroom/core";
import { openStores } from "@darkroom/storage";
import { tempFolder } from "@darkroom/testkit";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SnapshotCache } from "./snapshot-cache.ts";
import { readSnapshot, readSnapshotPart, snapshotFiles, writeSnapshotPart } from "./snapshot.ts";

const folder = await tempFolder();
const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
let store: ObjectStore;

beforeAll(() => {
  store = stores.open(pathToFileURL(folder.path).href);
});
afterAll(async () => {
  await stores.close();
  await folder.remove();
});

function rows(from: number, to: number): SnapshotRow[] {
  return Array.from({ length: to - from }, (_, i): SnapshotRow => {
    const index = from + i;
    if (index % 10 === 9)
      return { index, source: `é "${index}".jpg`, rejected: { line: index + 2, message: "bad\nrow" } };
    return {
      index,
      id: `p-${index}`,
      source: `é "${index}".jpg`,
      destination: `${index}.jpg`,
      carried: { team: "x\n" },
    };
  });
}

async function write(all: readonly SnapshotRow[]): Promise<string> {
  const batchId = newBatchId();
  for (let at = 0; at < all.length; at += SNAPSHOT_PART_ROWS)
    await writeSnapshotPart(store, batchId, at / SNAPSHOT_PART_ROWS, all.slice(at, at + SNAPSHOT_PART_ROWS));
  return batchId;
}

async function drained(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const item of stream) if (item !== undefined) count += 1;
  return count;
}

/** Counts reads from a store. */
function counted(inner: ObjectStore): { store: ObjectStore; reads: () => number } {
  let reads = 0;
  const store: ObjectStore = {
    url: inner.url,
    kind: inner.kind,
    checkKey: (key) => inner.checkKey(key),
    get: (key, options) => {
      reads += 1;
      return inner.get(key, options);
    },
    head: (key) => inner.head(key),
    put: (key, body, options) => inner.put(key, body, options),
    list: (options) => inner.list(options),
    delete: (key) => inner.delete(key),
    link: (key, options) => inner.link(key, options),
  };
  return { store, reads: () => reads };
}

describe("a snapshot", () => {
  it("returns the written rows, including rejected ones", async () => {
    const batchId = await write(rows(0, 2_345));
    expect(await readSnapshotPart(store, batchId, 2)).toEqual(rows(2_000, 2_345));
    const read: SnapshotRow[] = [];
    for await (const part of readSnapshot(store, batchId, 2_345)) read.push(...part);
    expect(read).toEqual(rows(0, 2_345));
  });

  it("is read only as far as requested", async () => {
    const batchId = await write(rows(0, 7_100));
    const lengths: number[] = [];
    for await (const part of readSnapshot(store, batchId, 6_001)) lengths.push(part.length);
    expect(lengths).toEqual([1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1]);
    for await (const part of readSnapshot(store, batchId, 7_100)) {
      expect(part[0]).toEqual(rows(0, 1)[0]);
      break;
    }
  });

  it("that is missing or too short is an error with its name", async () => {
    const batchId = await write(rows(0, 1_200));
    await expect(readSnapshotPart(store, batchId, 2)).rejects.toMatchObject({ code: "storage_not_found" });
    await expect(drained(readSnapshot(store, batchId, 1_300))).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining(`part 1 of batch ${batchId}`),
    });
  });

  it("consists of the files with the highest fence, in any order of writing", async () => {
    const batchId = newBatchId();
    const named = (from: number, to: number, name: string) =>
      rows(from, to).map((row) => ({ ...row, id: `${name}-${row.index}` }));
    await writeSnapshotPart(store, batchId, 0, named(0, 1_000, "first"), 7);
    await writeSnapshotPart(store, batchId, 1, named(1_000, 1_003, "second"), 19);
    await writeSnapshotPart(store, batchId, 1, named(1_000, 1_002, "late"), 7);
    expect(await readSnapshotPart(store, batchId, 1)).toEqual(named(1_000, 1_003, "second"));
    const ids: unknown[] = [];
    for await (const part of readSnapshot(store, batchId, 1_003)) ids.push(...part.map(({ id }) => id));
    expect([ids.length, ids[0], ids[1_000]]).toEqual([1_003, "first-0", "second-1000"]);
    const files: unknown[] = [];
    for await (const { part, fence } of snapshotFiles(store, batchId)) files.push([part, fence]);
    expect(files).toEqual([
      [0, 7],
      [1, 19],
    ]);
  });

  it("that is damaged is an error with its name", async () => {
    const batchId = newBatchId();
    await writeSnapshotPart(store, batchId, 0, rows(0, 3));
    await writeSnapshotPart(store, batchId, 1, rows(0, 3));
    await store.put(batchKeys(batchId).snapshotPart(0, 1), Buffer.from("no gzip"));
    for (const part of [0, 1]) {
      await expect(readSnapshotPart(store, batchId, part)).rejects.toMatchObject({
        code: "internal",
        message: expect.stringContaining(`part ${part} of batch ${batchId} is damaged`),
      });
    }
  });
});

describe("SnapshotCache", () => {
  it("reads a part once, even for concurrent calls", async () => {
    const batchId = await write(rows(0, 1_500));
    const { store: watched, reads } = counted(store);
    const cache = new SnapshotCache();
    const indexes = [0, 999, 500, 1_000, 1_499, 7];
    const found = await Promise.all(indexes.map((index) => cache.row(watched, batchId, index, 1)));
    expect(found).toEqual(indexes.map((index) => rows(index, index + 1)[0]));
    expect(reads()).toBe(2);
    await cache.row(watched, batchId, 3, 1);
    expect(reads()).toBe(2);
  });

  it("evicts the least recently used part", async () => {
    const batchId = await write(rows(0, 3_000));
    const { store: watched, reads } = counted(store);
    const cache = new SnapshotCache({ parts: 2 });
    for (const index of [0, 1_000, 1, 2_000, 2]) await cache.row(watched, batchId, index, 1);
    expect(reads()).toBe(3);
    await cache.row(watched, batchId, 1_001, 1);
    expect(reads()).toBe(4);
  });

  it("limits the bytes of text, and keeps the last used part of any length", async () => {
    const batchId = await write(rows(0, 3_000));
    const { store: watched, reads } = counted(store);
    const cache = new SnapshotCache({ textBytes: 1 });
    for (const index of [0, 1, 1_000, 1_001, 2]) await cache.row(watched, batchId, index, 1);
    expect(reads()).toBe(3);
  });

  it("keeps batches apart", async () => {
    const [one, two] = [await write(rows(0, 5)), newBatchId()];
    await writeSnapshotPart(store, two, 0, [{ index: 0, id: "other", source: "o.jpg", destination: "o.jpg" }]);
    const cache = new SnapshotCache();
    expect(await cache.row(store, one, 0, 1)).toMatchObject({ id: "p-0" });
    expect(await cache.row(store, two, 0, 1)).toMatchObject({ id: "other" });
  });

  it("reads a part again under another fence, because the source may have changed", async () => {
    const batchId = await write(rows(0, 2));
    const cache = new SnapshotCache();
    expect(await cache.row(store, batchId, 0, 1)).toMatchObject({ id: "p-0" });
    await writeSnapshotPart(store, batchId, 0, [{ index: 0, id: "new", source: "n.jpg", destination: "n.jpg" }], 2);
    expect(await cache.row(store, batchId, 0, 1)).toMatchObject({ id: "p-0" });
    expect(await cache.row(store, batchId, 0, 2)).toMatchObject({ id: "new" });
  });

  it("does not cache a failed read or a part that was too short", async () => {
    const batchId = newBatchId();
    const cache = new SnapshotCache();
    await expect(cache.row(store, batchId, 0, 1)).rejects.toMatchObject({ code: "storage_not_found" });
    await writeSnapshotPart(store, batchId, 0, rows(0, 2));
    expect(await cache.row(store, batchId, 1, 1)).toEqual(rows(1, 2)[0]);
    await expect(cache.row(store, batchId, 2, 1)).rejects.toMatchObject({ code: "not_found" });
    await writeSnapshotPart(store, batchId, 0, rows(0, 3));
    expect(await cache.row(store, batchId, 2, 1)).toEqual(rows(2, 3)[0]);
  });
});
