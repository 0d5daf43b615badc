import { expect, test } from "vitest";
import type { ListWalk, ObjectInfo } from "@darkroom/core";
import { walkKeys } from "./s3-walk.ts";

async function* listed(keys: readonly string[]): AsyncGenerator<ObjectInfo> {
  for (const key of keys) yield { key, sizeBytes: 1, etag: "e", modifiedAt: 0 };
}

/** Returns the keys of a walk that skips result folders, and the prefixes that the walk queried. */
async function walked(keys: readonly string[], startAfter?: string) {
  const asked: string[] = [];
  const walk: ListWalk = {
    wants: () => true,
    enters: async (_, has) => !(await has("_darkroom")),
    passesOver: () => undefined,
  };
  const sorted = keys.toSorted();
  const after = sorted.filter((key) => startAfter === undefined || key > startAfter);
  const holds = async (prefix: string): Promise<boolean> => {
    asked.push(prefix);
    return sorted.some((key) => key.startsWith(prefix));
  };
  const found: string[] = [];
  for await (const { key } of walkKeys(listed(after), { walk, startAfter, holds })) found.push(key);
  return { found, asked };
}

test("a folder per photo takes hardly any requests", async () => {
  const keys = Array.from({ length: 5_000 }, (_, n) => `people/${String(n).padStart(6, "0")}/photo.jpg`);
  const { found, asked } = await walked(keys);
  expect(found).toEqual(keys);
  expect(asked.length).toBeLessThanOrEqual(6);
});

test("a folder longer than the look-ahead takes one request, and results beyond it are found", async () => {
  const photos = Array.from({ length: 3_000 }, (_, n) => `out/${String(n).padStart(5, "0")}.jpg`);
  expect(await walked([...photos, "out/_darkroom/b/batch.json", "z.jpg"])).toEqual({
    found: ["z.jpg"],
    asked: ["out/_darkroom/"],
  });
  expect((await walked([...photos, "z.jpg"])).found).toHaveLength(3_001);
});

test("a listing that resumes within a folder queries what came before", async () => {
  const keys = ["out/_darkroom/b/batch.json", "out/x.jpg", "out/y.jpg", "z.jpg"];
  expect(await walked(keys, "out/x.jpg")).toEqual({ found: ["z.jpg"], asked: ["out/_darkroom/"] });
});
