import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { DarkroomError, type PortraitRow } from "@darkroom/core";
import { probePicture } from "@darkroom/imaging";
import { openStores } from "@darkroom/storage";
import { createLogger } from "@darkroom/runtime";
import { tempFolder } from "@darkroom/testkit";
import { contentIdentity, RemoteSources } from "@darkroom/web-fetch";
import { headDigestOf } from "./head-digest.ts";
import { rereadSource, mayBeReadLater } from "./reread-source.ts";

const photo = await readFile(new URL("../../../../examples/photos/grace_hopper.jpg", import.meta.url));
const folder = await tempFolder();
const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
const remoteSources = new RemoteSources({ allowPrivate: false });
afterAll(async () => {
  await Promise.all([stores.close(), remoteSources.close()]);
  await folder.remove();
});

const url = `${pathToFileURL(folder.path).href}/`;
const row: PortraitRow = { index: 0, id: "ada", source: "ada.jpg", destination: "ada.jpg" };
const context = {
  openStore: stores.open,
  remoteSources,
  log: createLogger({ level: "silent", name: "test" }),
};
const probe = await probePicture(photo, photo.length);
if (probe.kind !== "picture") throw new Error("the photo cannot be read");
const known = (width: number, height: number) => ({
  probe: { ...probe, width, height },
  head: headDigestOf(photo.subarray(0, 65_536)),
  sizeBytes: photo.length,
  isConverted: false,
});
const order = { identity: "ada", photo: contentIdentity(photo) };
const look = (source: ReturnType<typeof known>) =>
  rereadSource(context, { kind: "prefix", url }, { row, source, order }, AbortSignal.timeout(10_000));

test("reads a source again completely, and measures it by the prepared size", async () => {
  await stores.open(url).put("ada.jpg", photo);
  const seen = await look(known(256, 300));
  expect(seen).toMatchObject({ width: 256, height: 300 });
  expect(seen).toMatchObject({ bytes: { length: photo.length }, thumbnail: expect.anything() as unknown });
});

test("reports a source that is now another photo, even if its start and length are the same", async () => {
  const other = Buffer.from(photo);
  other.writeUInt8(other.readUInt8(other.length - 1) ^ 1, other.length - 1);
  for (const bytes of [other, Buffer.concat([photo, Buffer.from("#")])]) {
    await stores.open(url).put("ada.jpg", bytes);
    expect(await look(known(512, 600))).toBe("changed");
  }
});

test("compares only the size if the source is gone", async () => {
  await stores.open(url).delete("ada.jpg");
  expect(await look(known(512, 600))).toEqual({ width: 512, height: 600 });
});

test("does not mistake a stopping worker for a missing source", async () => {
  const stopped = AbortSignal.abort(new Error("the worker stops"));
  const reading = rereadSource(context, { kind: "prefix", url }, { row, source: known(512, 600), order }, stopped);
  await expect(reading).rejects.toThrow("the worker stops");
});

test.each([
  ["a store that is away", new DarkroomError("storage_unavailable", "503", { retryable: true }), true],
  ["a server that is away", new DarkroomError("remote_unavailable", "503", { retryable: true }), true],
  ["a connection that broke", new Error("aborted"), true],
  ["a photo that is gone", new DarkroomError("storage_not_found", "404"), false],
  ["a photo that is denied", new DarkroomError("storage_denied", "403"), false],
  ["a server that refuses", new DarkroomError("remote_refused", "410"), false],
  ["a photo in a private network", new DarkroomError("address_not_allowed", "10.0.0.1"), false],
])("%s: is the source read again later?", (_, error, later) => {
  expect(mayBeReadLater(error)).toBe(later);
});
