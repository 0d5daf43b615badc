import { symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectInfo } from "@darkroom/core";
import { tempFolder } from "@darkroom/testkit";
import { expect, it } from "vitest";
import { ContentHashes } from "./content-hash.ts";
import { LocalFolder } from "./local-folder.ts";
import { listFolder } from "./local-listing.ts";

/** A clock by which every file of a test changed long ago. */
const LATER = (): number => Date.now() + 60_000;

async function listed(path: string, hashes: ContentHashes): Promise<ObjectInfo[]> {
  const infos: ObjectInfo[] = [];
  for await (const info of listFolder(new LocalFolder(path), hashes, {})) infos.push(info);
  return infos;
}

it("lists a known folder again with the same facts, and a changed photo of the same size and time anew", async () => {
  await using folder = await tempFolder();
  const hashes = new ContentHashes(undefined, LATER);
  for (const name of ["ana", "ben", "eva"]) {
    await writeFile(join(folder.path, `${name}.jpg`), name);
    await utimes(join(folder.path, `${name}.jpg`), 1_000, 1_000);
  }
  const first = await listed(folder.path, hashes);
  expect(hashes.size).toBe(3);
  expect(await listed(folder.path, hashes)).toEqual(first);

  await writeFile(join(folder.path, "ben.jpg"), "tom");
  await utimes(join(folder.path, "ben.jpg"), 1_000, 1_000);
  const again = await listed(folder.path, hashes);
  expect(again.map(({ key, sizeBytes, modifiedAt }) => ({ key, sizeBytes, modifiedAt }))).toEqual(
    first.map(({ key, sizeBytes, modifiedAt }) => ({ key, sizeBytes, modifiedAt })),
  );
  expect(again[1]?.etag).not.toBe(first[1]?.etag);
  expect([again[0], again[2]]).toEqual([first[0], first[2]]);
});

it("lists a link with the facts of its photo, also when that is known", async () => {
  await using folder = await tempFolder();
  const hashes = new ContentHashes(undefined, LATER);
  await writeFile(join(folder.path, "ana.jpg"), "ana");
  await symlink("ana.jpg", join(folder.path, "link.jpg"));
  const [photo, link] = await listed(folder.path, hashes);
  expect(link).toEqual({ ...photo, key: "link.jpg" });
  expect(await listed(folder.path, hashes)).toEqual([photo, link]);
});
