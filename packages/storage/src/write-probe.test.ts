import { execFileSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testBucket, testNamespace, testS3, tempFolder } from "@darkroom/testkit";
import { openStores, type Stores } from "./open-stores.ts";
import { probeWrites } from "./write-probe.ts";

let folder: Awaited<ReturnType<typeof tempFolder>>;
let stores: Stores;
const undo: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await tempFolder();
  stores = openStores({ s3: testS3(), local: { roots: [folder.path], linkSecret: "test" } });
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await stores.close();
  await folder.remove();
});

const signal = AbortSignal.timeout(60_000);
const out = (): string => `${folder.path}/out`;
const probe = (url: string, at = "", sizeBytes = 0) => probeWrites(stores.open(url), at, sizeBytes, signal);
const probeLocal = (at = "", sizeBytes = 0) => probe(pathToFileURL(`${out()}/`).href, at, sizeBytes);

function mountOut(...options: readonly string[]): void {
  execFileSync("mount", ["-t", "tmpfs", ...options, "tmpfs", out()]);
  undo.push(() => execFileSync("umount", ["-l", out()]));
}

test("leaves a writable folder as it was, subfolders included", async () => {
  expect(await probeLocal("team/berlin/", 5_000)).toBeUndefined();
  await mkdir(out(), { recursive: true });
  expect(await readdir(out())).toEqual([]);
});

test("leaves a writable bucket as it was", async () => {
  const store = stores.open(`s3://${testBucket()}/${testNamespace()}/`);
  expect(await probeWrites(store, "team/", 5_000, signal)).toBeUndefined();
  const left: string[] = [];
  for await (const { key } of store.list()) left.push(key);
  expect(left).toEqual([]);
});

test("reports a disk with too little space as full", async () => {
  await mkdir(out());
  mountOut("-o", "size=100k");
  expect(await probeLocal("", 64)).toBeUndefined();
  expect(await probeLocal("", 300_000)).toMatchObject({ code: "storage_full", retryable: true });
  // The probe deletes the half that it wrote, so there is as much space as before.
  expect(await probeLocal("", 64)).toBeUndefined();
});

test("reports a read-only disk as denied", async () => {
  await mkdir(out());
  mountOut("-o", "ro");
  expect(await probeLocal()).toMatchObject({ code: "storage_denied", message: expect.stringMatching(/read-only/) });
});

test("rejects a file in the place of the folder", async () => {
  await writeFile(out(), "a file");
  expect(await probeLocal()).toMatchObject({ code: "storage_invalid" });
});

test("reports a bucket that does not exist as missing", async () => {
  expect(await probe(`s3://${testNamespace()}-gone/out/`)).toMatchObject({ code: "storage_not_found" });
});
