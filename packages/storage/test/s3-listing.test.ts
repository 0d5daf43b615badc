import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testBucket, testS3 } from "@darkroom/testkit";
import type { S3Client } from "@aws-sdk/client-s3";
import { createS3Client } from "../src/s3-client.ts";
import { listKeys } from "../src/s3-listing.ts";
import type { Stores } from "../src/index.ts";
import { newPrefix, openS3 } from "./s3-harness.ts";
import { inParallel, keysOf } from "./suite-harness.ts";

const base = newPrefix();
let stores: Stores;
let client: S3Client;
let requests = 0;
let atOnce = 0;
let mostAtOnce = 0;

/** All in one top-level folder: subfolders, files between them, and an object with a folder's name. */
const names = [
  ...Array.from({ length: 2_200 }, (_, i) => `2026/a/${String(i).padStart(5, "0")}.jpg`),
  ...Array.from({ length: 1_100 }, (_, i) => `2026/b/${i % 3}/${String(i).padStart(5, "0")}.jpg`),
  ...Array.from({ length: 400 }, (_, i) => `2026/${["c", "d", "é", "😀", "｡"][i % 5] ?? ""} +%/${i}.jpg`),
  "2026/a.jpg",
  "2026/b",
  "2026/b/",
  "2026/b0.jpg",
  "2026/d.jpg",
  "2026/z.jpg",
];
const all = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

beforeAll(async () => {
  stores = openS3();
  client = createS3Client(testS3());
  const store = stores.open(`s3://${testBucket()}/${base}`);
  await inParallel(names, 48, (name) => store.put(name, Buffer.from("x")));
  client.middlewareStack.add(
    (next) => async (args) => {
      requests += 1;
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      return await next(args).finally(() => (atOnce -= 1));
    },
    { step: "initialize" },
  );
});
afterAll(async () => {
  client.destroy();
  await stores.close();
});

function list(prefix: string, after?: string, signal?: AbortSignal) {
  requests = 0;
  mostAtOnce = 0;
  return listKeys({ client: () => client, bucket: testBucket(), base, prefix }, after, signal);
}

describe("a long S3 listing", () => {
  it("returns all keys once and in order, with parallel requests", async () => {
    expect(await keysOf(list(""))).toEqual(all);
    expect(mostAtOnce).toBeGreaterThanOrEqual(2);
    expect(mostAtOnce).toBeLessThanOrEqual(8);
  });

  it.each([0, 150, 1_050, 1_300, 2_204, 2_900, 3_500, all.length - 1])(
    "resumes after key %i without a gap",
    async (place) => {
      const after = all[place] ?? "";
      expect(await keysOf(list("", after))).toEqual(all.slice(place + 1));
    },
  );

  it("resumes after a key from the middle of its ranges", async () => {
    const taken: string[] = [];
    for await (const { key } of list("")) {
      taken.push(key);
      if (taken.length === 2_600) break;
    }
    expect(atOnce).toBeLessThanOrEqual(8);
    expect([...taken, ...(await keysOf(list("", taken.at(-1))))]).toEqual(all);
  });

  it("accepts a prefix that ends within a folder's name", async () => {
    expect(await keysOf(list("2026/b"))).toEqual(all.filter((key) => key.startsWith("2026/b")));
  });

  it("takes one request for one page", async () => {
    expect((await keysOf(list("2026/b/1/"))).length).toBe(367);
    expect(requests).toBe(1);
    expect((await keysOf(list("2026/", "2026/b0"))).length).toBe(403);
    expect(requests).toBe(1);
  });

  it("takes at most one request more than it has pages, if there are few", async () => {
    expect((await keysOf(list("2026/a/"))).length).toBe(2_200);
    expect(requests).toBeLessThanOrEqual(4);
  });

  it("stops in the middle of its ranges when it is aborted", async () => {
    const controller = new AbortController();
    const read = async (): Promise<void> => {
      let keys = 0;
      for await (const { key } of list("", undefined, controller.signal)) {
        if (key !== "" && ++keys === 2_500) controller.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ name: "AbortError" });
  });
});
