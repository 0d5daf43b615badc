import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { ObjectStore } from "@darkroom/core";
import { S3StoreOnDemand } from "./s3-store-on-demand.ts";

const LOCATION = { kind: "s3", url: "s3://photos/team/", bucket: "photos", prefix: "team/" } as const;
const NEVER: ObjectStore["put"] = () => Promise.reject(new Error("the store was reached"));

test("loads nothing before the first request", () => {
  const store = new S3StoreOnDemand(LOCATION, () => Promise.reject(new Error("the store was opened")));
  expect(store.url).toBe("s3://photos/team/");
  store.checkKey("anna.jpg");
  expect(() => store.checkKey("a".repeat(1_024))).toThrow(expect.objectContaining({ code: "storage_invalid" }));
});

test("opens the store once for concurrent requests", async () => {
  let opened = 0;
  const store = new S3StoreOnDemand(LOCATION, () => {
    opened += 1;
    return Promise.resolve({ head: (key: string) => Promise.resolve({ key }) } as unknown as ObjectStore);
  });
  const heads = await Promise.all([store.head("a.jpg"), store.head("b.jpg")]);
  expect(heads.map((head) => head?.key)).toEqual(["a.jpg", "b.jpg"]);
  expect(opened).toBe(1);
});

test("fails a put with the error of a body that fails while the SDK is loaded", async () => {
  const loading = Promise.withResolvers<ObjectStore>();
  const store = new S3StoreOnDemand(LOCATION, () => loading.promise);
  const body = new Readable({ read: () => undefined });
  const put = store.put("a.jpg", body);
  const lost = new Error("the photo's server is gone");
  body.destroy(lost);
  body.once("close", () => loading.resolve({ put: NEVER } as unknown as ObjectStore));
  await expect(put).rejects.toBe(lost);
});
