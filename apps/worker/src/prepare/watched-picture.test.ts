import { once } from "node:events";
import { Readable } from "node:stream";
import { DarkroomError } from "@darkroom/core";
import { expect, it } from "vitest";
import { WatchedPicture } from "./watched-picture.ts";

const fromStore = new DarkroomError("storage_denied", "the photo may not be read");

it("has no error while the picture can be read", async () => {
  const picture = new WatchedPicture({ sizeBytes: 3, open: async () => Readable.from([Buffer.from("abc")]) });
  const stream = await picture.open();
  await once(stream.resume(), "end");
  expect(picture.sizeBytes).toBe(3);
  expect(picture.fault).toBeUndefined();
});

it("keeps the error of opening the picture unchanged", async () => {
  const picture = new WatchedPicture({ sizeBytes: 3, open: () => Promise.reject(fromStore) });
  await expect(picture.open()).rejects.toBe(fromStore);
  expect(picture.fault).toBe(fromStore);
});

it("treats a broken stream as a temporary error of the store", async () => {
  const broken = new Readable({ read: () => undefined });
  const picture = new WatchedPicture({ sizeBytes: 3, open: async () => broken });
  const stream = await picture.open();
  const heard = once(stream, "error");
  broken.destroy(new Error("ECONNRESET"));
  await heard.catch(() => undefined);
  expect(picture.fault).toMatchObject({
    code: "storage_unavailable",
    retryable: true,
    message: expect.stringContaining("ECONNRESET"),
  });
});
