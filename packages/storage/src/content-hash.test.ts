import { open, utimes, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { tempFolder } from "@darkroom/testkit";
import { expect, it } from "vitest";
import { ContentHashes } from "./content-hash.ts";

async function hashOf(hashes: ContentHashes, path: string): Promise<string> {
  await using file = await open(path);
  return await hashes.of(file, await file.stat({ bigint: true }));
}

it("caches the hashes of settled files and evicts the least recently used", async () => {
  await using folder = await tempFolder();
  const hashes = new ContentHashes(2);
  for (const name of ["a", "b", "c"]) {
    const path = join(folder.path, name);
    await writeFile(path, name);
    await utimes(path, 1_000, 1_000);
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
