import { open, utimes, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { tempFolder } from "@darkroom/testkit";
import { expect, it } from "vitest";
import { ContentHashes, etagOf } from "./content-hash.ts";

/** A clock by which every file of a test changed long ago. */
const LATER = (): number => Date.now() + 60_000;

async function hashOf(hashes: ContentHashes, path: string): Promise<string> {
  await using file = await open(path);
  return await hashes.of(file, await file.stat({ bigint: true }));
}

it("caches the hashes of settled files and evicts the least recently used", async () => {
  await using folder = await tempFolder();
  const hashes = new ContentHashes(2, LATER);
  for (const name of ["a", "b", "c"]) {
    const path = join(folder.path, name);
    await writeFile(path, name);
    expect(await hashOf(hashes, path)).toBe(createHash("sha256").update(name).digest("hex").slice(0, 32));
    expect(await hashOf(hashes, path)).toBe(await hashOf(new ContentHashes(), path));
  }
  expect(hashes.size).toBe(2);
});

it("rehashes a fresh file whose change left size and time the same", async () => {
  await using folder = await tempFolder();
  const hashes = new ContentHashes();
  const path = join(folder.path, "a");
  const seen = new Set<string>();
  for (let round = 0; round < 50; round++) {
    await writeFile(path, String(round).padStart(4));
    seen.add(await hashOf(hashes, path));
  }
  expect(seen.size).toBe(50);
  expect(hashes.size).toBe(0);
});

it("does not cache a file that just changed, whatever its modification time says", async () => {
  await using folder = await tempFolder();
  const hashes = new ContentHashes();
  const path = join(folder.path, "a");
  await writeFile(path, "ana");
  await utimes(path, 1_000, 1_000);
  await hashOf(hashes, path);
  expect(hashes.size).toBe(0);
});

it("hashes a file of any size to its end", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "a");
  for (const bytes of [0, 1, 256 * 1_024 - 1, 256 * 1_024, 256 * 1_024 + 1, 600_000]) {
    const content = Buffer.alloc(bytes, 7);
    await writeFile(path, content);
    expect(await hashOf(new ContentHashes(), path)).toBe(etagOf(createHash("sha256").update(content).digest("hex")));
  }
});
