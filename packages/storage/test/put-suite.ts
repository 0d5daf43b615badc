import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { until } from "@darkroom/testkit";
import { describe, expect, it } from "vitest";
import { bytesOf, type StoreHarness } from "./suite-harness.ts";

/** Yields `first`, then stalls forever. */
function stalling(first: Uint8Array): { body: Readable; pulled: Promise<void> } {
  const { promise: pulled, resolve } = Promise.withResolvers<void>();
  let given = false;
  const body = new Readable({
    read() {
      if (given) return resolve();
      given = true;
      this.push(first);
    },
  });
  return { body, pulled };
}

export function putSuite(harness: () => StoreHarness): void {
  const below = async (prefix: string): Promise<string[]> =>
    (await harness().leftovers()).filter((path) => path.includes(prefix));

  describe("put", () => {
    it("replaces bytes, type and metadata together", async () => {
      const { store } = harness();
      const first = await store.put("over.bin", Buffer.from("one"), { contentType: "image/png", metadata: { a: "1" } });
      const second = await store.put("over.bin", Buffer.from("second"), {
        contentType: "image/gif",
        metadata: { b: "2" },
      });
      expect(second.etag).not.toBe(first.etag);
      const head = await store.head("over.bin");
      expect(head).toMatchObject({ sizeBytes: 6, etag: second.etag, contentType: "image/gif", metadata: { b: "2" } });
      expect(head?.metadata).not.toHaveProperty("a");
      expect((await bytesOf(store, "over.bin")).toString()).toBe("second");
    });

    it("accepts streams of known and unknown length, empty ones included", async () => {
      const { store } = harness();
      await store.put("stream/known", Readable.from([Buffer.from("ab"), Buffer.from("c")]), { sizeBytes: 3 });
      await store.put("stream/unknown", Readable.from([Buffer.from("ab"), Buffer.from("c")]));
      await store.put("stream/empty-known", Readable.from([]), { sizeBytes: 0 });
      await store.put("stream/empty-unknown", Readable.from([]));
      expect((await bytesOf(store, "stream/known")).toString()).toBe("abc");
      expect((await bytesOf(store, "stream/unknown")).toString()).toBe("abc");
      expect((await store.head("stream/empty-known"))?.sizeBytes).toBe(0);
      expect((await store.head("stream/empty-unknown"))?.sizeBytes).toBe(0);
    });

    it.each([
      ["known", 2_000_000, { sizeBytes: 4_000_000 }],
      ["unknown", 9_000_000, {}],
    ])("leaves nothing when a stream of %s length is aborted midway", async (name, firstBytes, options) => {
      const { store } = harness();
      const controller = new AbortController();
      const { body, pulled } = stalling(Buffer.alloc(firstBytes));
      const key = `aborted-${name}/ana.jpg`;
      const put = store.put(key, body, { ...options, signal: controller.signal });
      const outcome = put.catch((reason: unknown) => reason);
      await pulled;
      const isVisible = store.kind === "local" || name === "unknown";
      if (isVisible)
        await until(async () => (await below(`aborted-${name}`)).length > 0, { what: "the unfinished upload" });
      controller.abort();
      expect(await outcome).toMatchObject({ name: "AbortError" });
      expect(body.destroyed).toBe(true);
      expect(await store.head(key)).toBeUndefined();
      expect(await below(`aborted-${name}`)).toEqual([]);
    });

    it("does not start when its signal is already aborted, and throws the signal's reason", async () => {
      const { store } = harness();
      const reason = new Error("shutting down");
      const put = store.put("late.jpg", Buffer.from("x"), { signal: AbortSignal.abort(reason) });
      await expect(put).rejects.toBe(reason);
      expect(await store.head("late.jpg")).toBeUndefined();
    });

    it.each([["known", { sizeBytes: 100 }] as const, ["unknown", {}] as const])(
      "rethrows the error of a stream of %s length, and keeps the old object",
      async (name, options) => {
        const { store } = harness();
        const key = `failing-${name}.jpg`;
        await store.put(key, Buffer.from("before"), { metadata: { fingerprint: "old" } });
        const broken = new Error("the provider hung up");
        const body = Readable.from(
          (async function* () {
            yield Buffer.alloc(50);
            throw broken;
          })(),
        );
        await expect(store.put(key, body, options)).rejects.toBe(broken);
        expect((await bytesOf(store, key)).toString()).toBe("before");
        expect((await store.head(key))?.metadata).toEqual({ fingerprint: "old" });
      },
    );

    it.each([
      ["shorter", 10],
      ["longer", 2],
    ])("stores nothing from a body that is %s than declared", async (_, toldBytes) => {
      const { store } = harness();
      const wrong = { code: "storage_invalid", message: expect.stringContaining(`${toldBytes} bytes`) };
      const stream = store.put("length.jpg", Readable.from([Buffer.alloc(5)]), { sizeBytes: toldBytes });
      await expect(stream).rejects.toMatchObject(wrong);
      const bytes = store.put("length.jpg", Buffer.alloc(5), { sizeBytes: toldBytes });
      await expect(bytes).rejects.toMatchObject(wrong);
      expect(await store.head("length.jpg")).toBeUndefined();
    });

    it("never exposes a partial object during concurrent puts", async () => {
      const { store } = harness();
      const write = async (letter: number): Promise<void> => {
        const body = Buffer.alloc(50_000 + letter * 1_000, letter);
        const metadata = { letter: String(letter) };
        const stream = Readable.from([body.subarray(0, 20_000), body.subarray(20_000)]);
        await store.put("contended.bin", letter % 2 === 0 ? body : stream, { sizeBytes: body.byteLength, metadata });
      };
      await write(65);
      const done = new AbortController();
      let reads = 0;
      const read = async (): Promise<void> => {
        while (!done.signal.aborted) {
          const { info, body } = await store.get("contended.bin");
          const bytes = await buffer(body);
          const letter = bytes[0] ?? 0;
          expect(info.metadata).toEqual({ letter: String(letter) });
          expect(bytes.byteLength).toBe(50_000 + letter * 1_000);
          expect(info.sizeBytes).toBe(bytes.byteLength);
          expect(bytes.every((byte) => byte === letter)).toBe(true);
          reads++;
        }
      };
      const readers = Promise.all([read(), read(), read(), read()]);
      for (let round = 0; round < 4; round++) {
        await Promise.all(Array.from({ length: 12 }, (_, index) => write(65 + index)));
      }
      done.abort();
      await readers;
      expect(reads).toBeGreaterThan(4);
    });
  });
}
