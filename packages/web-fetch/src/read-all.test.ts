import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { readAll, readWithin } from "./read-all.ts";

const PIECES = ["the first, ", "the second, ", "the third"].map((text) => Buffer.from(text));
const TEXT = PIECES.join("");
const stream = (): Readable => Readable.from(PIECES, { objectMode: false });

test.each<[string, number | undefined]>([
  ["no announced size", undefined],
  ["its announced size", TEXT.length],
  ["too small an announced size", 5],
  ["an announced size that ends with a piece", "the first, ".length],
  ["an announced size of nothing", 0],
  ["too large an announced size", 10_000],
])("reads a stream with %s", async (_, sizeBytes) => {
  expect((await readWithin(stream(), 1_000, sizeBytes))?.toString()).toBe(TEXT);
  expect((await readAll(stream(), TEXT.length, sizeBytes)).toString()).toBe(TEXT);
});

test.each([undefined, 5, TEXT.length, 10_000])(
  "stops at the limit, with an announced size of %s",
  async (sizeBytes) => {
    const body = stream();
    expect(await readWithin(body, TEXT.length - 1, sizeBytes)).toBeUndefined();
    expect(body.destroyed).toBe(true);
    await expect(readAll(stream(), TEXT.length - 1, sizeBytes)).rejects.toMatchObject({ code: "storage_invalid" });
  },
);

test("reserves no more memory than the limit", async () => {
  expect((await readWithin(stream(), TEXT.length, 2 ** 40))?.toString()).toBe(TEXT);
});

test("reads an empty stream", async () => {
  expect(await readWithin(Readable.from([]), 10, 10)).toHaveLength(0);
});

test.each([undefined, 200_000])("frees the chunks of a stream of bytes, with an announced size of %s", async (size) => {
  const chunks = [Buffer.alloc(100_000, "a"), Buffer.alloc(100_000, "b")];
  const bytes = await readAll(Readable.from(chunks, { objectMode: false }), 200_000, size);
  expect(bytes.toString()).toBe("a".repeat(100_000) + "b".repeat(100_000));
  expect(chunks.map(({ length }) => length)).toEqual([0, 0]);
});

test.each([undefined, 100_000])(
  "keeps the chunks of a stream of objects, with an announced size of %s",
  async (size) => {
    const chunk = Buffer.alloc(100_000, "a");
    await readAll(Readable.from([chunk]), 100_000, size);
    expect(chunk).toHaveLength(100_000);
  },
);
