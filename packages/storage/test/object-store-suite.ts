import { randomBytes, createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listingSuite } from "./listing-suite.ts";
import { linkSuite } from "./link-suite.ts";
import { putSuite } from "./put-suite.ts";
import { bytesOf, ODD_KEYS, textOf, type StoreHarness } from "./suite-harness.ts";

/** The conformance suite of every ObjectStore. */
export function objectStoreSuite(name: string, start: () => Promise<StoreHarness>): void {
  describe(`${name} as an object store`, () => {
    let harness: StoreHarness | undefined;
    const running = (): StoreHarness => {
      if (harness === undefined) throw new Error("the store was not started");
      return harness;
    };
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(async () => harness?.close());

    objectSuite(running);
    putSuite(running);
    listingSuite(running);
    linkSuite(running);
  });
}

function objectSuite(harness: () => StoreHarness): void {
  describe("get and head", () => {
    it("return what was put, with its size, type, metadata and the ETag that put returned", async () => {
      const { store } = harness();
      const before = Date.now();
      const { etag } = await store.put("plain/ana.jpg", Buffer.from("portrait"), {
        contentType: "image/jpeg",
        metadata: { Fingerprint: "ab12", "darkroom-batch": "01h" },
      });
      const { info, body } = await store.get("plain/ana.jpg");
      expect(await textOf(body)).toBe("portrait");
      expect(info).toEqual(await store.head("plain/ana.jpg"));
      expect(info).toMatchObject({
        key: "plain/ana.jpg",
        sizeBytes: 8,
        etag,
        contentType: "image/jpeg",
        metadata: { fingerprint: "ab12", "darkroom-batch": "01h" },
      });
      expect(etag).toMatch(/^[^"]+$/);
      expect(Math.abs(info.modifiedAt - before)).toBeLessThan(10_000);
    });

    it("keep a content type that does not follow from the name", async () => {
      const { store } = harness();
      await store.put("types/report.csv", Buffer.from("a"), { contentType: "text/csv; charset=utf-8" });
      expect((await store.head("types/report.csv"))?.contentType).toBe("text/csv; charset=utf-8");
    });

    it("return metadata of any script, length or spacing unchanged", async () => {
      const { store } = harness();
      const metadata = {
        name: "Zoë Ångström 写真 😀",
        spaces: "  two  spaces  ",
        empty: "",
        looksencoded: "=?UTF-8?B?QQ==?=",
        line: "a\r\nb",
        plain: 'a=b; c, "d" 100%',
      };
      await store.put("meta.jpg", Buffer.from("x"), { metadata });
      expect((await store.head("meta.jpg"))?.metadata).toEqual(metadata);
      const { info, body } = await store.get("meta.jpg");
      body.destroy();
      expect(info.metadata).toEqual(metadata);
    });

    it("reject a metadata name that is not a header name", async () => {
      const put = harness().store.put("bad-meta.jpg", Buffer.from("x"), { metadata: { "a b": "1" } });
      await expect(put).rejects.toMatchObject({ code: "storage_invalid" });
      expect(await harness().store.head("bad-meta.jpg")).toBeUndefined();
    });

    it.each(ODD_KEYS)("accept the odd key %j", async (key) => {
      const { store } = harness();
      await store.put(`odd/${key}`, Buffer.from(key));
      expect((await bytesOf(store, `odd/${key}`)).toString()).toBe(key);
      expect((await store.head(`odd/${key}`))?.key).toBe(`odd/${key}`);
    });

    it.each(["", "..", "../x.jpg", "a/../../x.jpg", "a/./x.jpg", "nul\0.jpg", "x".repeat(1_025)])(
      "reject the key %j, which could leave the prefix or is invalid in some store",
      async (key) => {
        const { store } = harness();
        const refused = { code: "storage_invalid", retryable: false };
        await expect(store.put(key, Buffer.from("x"))).rejects.toMatchObject(refused);
        await expect(store.get(key)).rejects.toMatchObject(refused);
        await expect(store.head(key)).rejects.toMatchObject(refused);
        await expect(store.delete(key)).rejects.toMatchObject(refused);
        await expect(store.link(key, { expiresInSeconds: 60 })).rejects.toMatchObject(refused);
      },
    );

    it("return a range together with the size of the whole object", async () => {
      const { store } = harness();
      await store.put("range.txt", Buffer.from("0123456789"));
      const range = async (start: number, end: number) => {
        const { info, body } = await store.get("range.txt", { range: { start, end } });
        return [info.sizeBytes, await textOf(body)];
      };
      expect(await range(0, 0)).toEqual([10, "0"]);
      expect(await range(2, 5)).toEqual([10, "2345"]);
      expect(await range(8, 500)).toEqual([10, "89"]);
      expect(await range(10, 20)).toEqual([10, ""]);
      await expect(range(5, 4)).rejects.toMatchObject({ code: "storage_invalid" });
    });

    it("handle an empty object", async () => {
      const { store } = harness();
      await store.put("empty.txt", new Uint8Array(0), { contentType: "text/plain" });
      const { info, body } = await store.get("empty.txt");
      expect([info.sizeBytes, await textOf(body)]).toEqual([0, ""]);
      const ranged = await store.get("empty.txt", { range: { start: 0, end: 99 } });
      expect([ranged.info.sizeBytes, await textOf(ranged.body)]).toEqual([0, ""]);
    });

    it("report a missing object as storage_not_found or undefined, and delete it without an error", async () => {
      const { store } = harness();
      await expect(store.get("nobody.jpg")).rejects.toMatchObject({
        name: "DarkroomError",
        code: "storage_not_found",
        retryable: false,
        message: expect.stringContaining("nobody.jpg"),
      });
      await expect(store.get("nobody.jpg", { range: { start: 5, end: 6 } })).rejects.toMatchObject({
        code: "storage_not_found",
      });
      expect(await store.head("nobody.jpg")).toBeUndefined();
      expect(await store.head("no/folder/nobody.jpg")).toBeUndefined();
      await expect(store.delete("nobody.jpg")).resolves.toBeUndefined();
      await expect(store.delete("no/folder/nobody.jpg")).resolves.toBeUndefined();
    });

    it("forget deleted objects and their metadata", async () => {
      const { store } = harness();
      await store.put("gone/ana.jpg", Buffer.from("x"), { metadata: { fingerprint: "1" } });
      await store.delete("gone/ana.jpg");
      expect(await store.head("gone/ana.jpg")).toBeUndefined();
      await store.put("gone/ana.jpg", Buffer.from("x"));
      expect((await store.head("gone/ana.jpg"))?.metadata).toEqual({});
    });

    it("return 20 MB unchanged", async () => {
      const { store } = harness();
      const megabytes = Array.from({ length: 20 }, () => randomBytes(1_000_000));
      const whole = createHash("sha256").update(Buffer.concat(megabytes)).digest("hex");
      await store.put("big/known.bin", Readable.from(megabytes), { sizeBytes: 20_000_000 });
      await store.put("big/unknown.bin", Readable.from(megabytes));
      for (const key of ["big/known.bin", "big/unknown.bin"]) {
        const got = await bytesOf(store, key);
        expect([key, got.byteLength, createHash("sha256").update(got).digest("hex")]).toEqual([key, 20_000_000, whole]);
      }
    });

    it("stop reading when aborted, before and during the read", async () => {
      const { store } = harness();
      await store.put("abort-get.bin", randomBytes(8_000_000));
      await expect(store.get("abort-get.bin", { signal: AbortSignal.abort() })).rejects.toMatchObject({
        name: "AbortError",
      });
      const controller = new AbortController();
      const { body } = await store.get("abort-get.bin", { signal: controller.signal });
      body.once("data", () => controller.abort());
      await expect(buffer(body)).rejects.toMatchObject({ name: "AbortError" });
    });
  });
}
