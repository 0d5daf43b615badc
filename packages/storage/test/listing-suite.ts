import { describe, expect, it } from "vitest";
import type { ListWalk } from "@darkroom/core";
import { inParallel, keysOf, listed, ODD_KEYS, type StoreHarness } from "./suite-harness.ts";

function byBytes(keys: readonly string[]): string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

export function listingSuite(harness: () => StoreHarness): void {
  describe("list", () => {
    it("returns the same size, ETag and time as head", async () => {
      const { store } = harness();
      await store.put("facts/ana.jpg", Buffer.from("portrait"));
      const head = await store.head("facts/ana.jpg");
      const [info] = await listed(store.list({ prefix: "facts/" }));
      expect(info).toMatchObject({ key: "facts/ana.jpg", sizeBytes: 8, etag: head?.etag });
      expect(Math.abs((info?.modifiedAt ?? 0) - (head?.modifiedAt ?? 0))).toBeLessThan(1_000);
    });

    it("returns keys in the order of their UTF-8 bytes, with folders sorted among files", async () => {
      const { store } = harness();
      const names = ["a", "a-b", "a.b", "a/b", "a0", "B", "b/a/z", "b/a.z", "é", "z", "｡", "😀", "e\u0301", "%", "~"];
      const keys = names.filter((name) => name !== "a").map((name) => `order/${name}.jpg`);
      await inParallel(keys, 8, (key) => store.put(key, Buffer.from("x")));
      expect(await keysOf(store.list({ prefix: "order/" }))).toEqual(byBytes(keys));
    });

    it("returns odd keys exactly as they were put", async () => {
      const { store } = harness();
      const keys = ODD_KEYS.map((key) => `odd-list/${key}`);
      await inParallel(keys, 4, (key) => store.put(key, Buffer.from("x")));
      expect(await keysOf(store.list({ prefix: "odd-list/" }))).toEqual(byBytes(keys));
    });

    it("accepts a prefix that ends within a name", async () => {
      const { store } = harness();
      await inParallel(["pre/team-a/1", "pre/team-b/1", "pre/team", "pre/other"], 4, (key) =>
        store.put(key, Buffer.from("x")),
      );
      expect(await keysOf(store.list({ prefix: "pre/team-" }))).toEqual(["pre/team-a/1", "pre/team-b/1"]);
      expect(await keysOf(store.list({ prefix: "pre/team" }))).toEqual(["pre/team", "pre/team-a/1", "pre/team-b/1"]);
      expect(await keysOf(store.list({ prefix: "pre/none" }))).toEqual([]);
      expect(await keysOf(store.list({ prefix: "../" }))).toEqual([]);
    });

    it("lists more than a thousand keys, and resumes after any of them", async () => {
      const { store } = harness();
      const keys = Array.from(
        { length: 2_105 },
        (_, index) => `many/${index % 7}/${String(index).padStart(5, "0")}.jpg`,
      );
      await inParallel(keys, 32, (key) => store.put(key, Buffer.from("x")));
      const all = byBytes(keys);
      expect(await keysOf(store.list({ prefix: "many/" }))).toEqual(all);
      const after = all[700] ?? "";
      expect(await keysOf(store.list({ prefix: "many/", startAfter: after }))).toEqual(all.slice(701));
      expect(await keysOf(store.list({ prefix: "many/", startAfter: "many/3" }))).toEqual(
        all.filter((key) => key > "many/3"),
      );
      expect(await keysOf(store.list({ prefix: "many/", startAfter: "many/~" }))).toEqual([]);
    });

    it("lists only what a walk wants, and queries each folder once, in order", async () => {
      const { store } = harness();
      const keys = ["a/_darkroom/b/batch.json", "a/1.jpg", "a/x/2.jpg", "b/3.jpg", "b/c/4.jpg", "b/c/5.txt", "d.jpg"];
      await inParallel(keys, 8, (key) => store.put(`walk/${key}`, Buffer.from("x")));
      const asked: string[] = [];
      const walk: ListWalk = {
        wants: (key) => key.endsWith(".jpg"),
        async enters(folder, has) {
          asked.push(folder);
          return !(await has("_darkroom"));
        },
        passesOver: () => undefined,
      };
      expect(await keysOf(store.list({ prefix: "walk/", walk }))).toEqual([
        "walk/b/3.jpg",
        "walk/b/c/4.jpg",
        "walk/d.jpg",
      ]);
      expect(asked).toEqual(["walk/", "walk/a/", "walk/b/", "walk/b/c/"]);
      asked.length = 0;
      expect(await keysOf(store.list({ prefix: "walk/", startAfter: "walk/a/b.jpg", walk }))).toEqual([
        "walk/b/3.jpg",
        "walk/b/c/4.jpg",
        "walk/d.jpg",
      ]);
      expect(asked).toEqual(["walk/", "walk/a/", "walk/b/", "walk/b/c/"]);
    });

    it("stops reading when the caller stops or aborts", async () => {
      const { store } = harness();
      await inParallel(["stop/1", "stop/2", "stop/3"], 3, (key) => store.put(key, Buffer.from("x")));
      for await (const { key } of store.list({ prefix: "stop/" })) {
        expect(key).toBe("stop/1");
        break;
      }
      const aborted = keysOf(store.list({ prefix: "stop/", signal: AbortSignal.abort() }));
      await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    });
  });
}
