import { constants } from "node:fs";
import { open, opendir } from "node:fs/promises";
import { join } from "node:path";
import { pMapIterable } from "p-map";
import type { ListOptions, ObjectInfo } from "@darkroom/core";
import type { ContentHashes } from "./content-hash.ts";
import { isMissing, mapLocalError } from "./local-errors.ts";
import type { LocalFolder } from "./local-folder.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** Read-only, and never waiting for the other end of a named pipe. */
export const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
/** What a name that is not UTF-8 decodes to in part. */
const REPLACEMENT = "\ufffd";
/** Files looked at together: each takes several trips to the disk, or to a file server. */
const LOOKED_AT_ONCE = 16;

type Wish = Required<Pick<ListOptions, "prefix">> & Pick<ListOptions, "startAfter" | "signal">;

/**
 * The files of a folder as objects, in the order of their keys' UTF-8 bytes. One folder's names are in memory at a
 * time. Hidden names (a dot first: `.DS_Store`, thumbnails, our own) are left out and links to folders are not
 * followed. A file that is there and cannot be read (no rights, a link that leads out, a name that is not UTF-8) is
 * listed with an empty ETag, so that whoever reads it learns why.
 */
export async function* listFolder(
  folder: LocalFolder,
  hashes: ContentHashes,
  { prefix = "", startAfter, signal }: ListOptions,
): AsyncGenerator<ObjectInfo> {
  const wish: Wish = { prefix, ...(startAfter === undefined ? {} : { startAfter }), ...(signal ? { signal } : {}) };
  const look = async (key: string): Promise<ObjectInfo | undefined> => {
    signal?.throwIfAborted();
    return await infoOf(folder, hashes, key, signal);
  };
  const infos = pMapIterable(keysUnder(folder, "", wish), look, { concurrency: LOOKED_AT_ONCE });
  for await (const info of infos) if (info !== undefined) yield info;
}

async function* keysUnder(folder: LocalFolder, base: string, wish: Wish): AsyncGenerator<string> {
  for (const name of await namesOf(folder, base, wish)) {
    const key = base + name;
    if (name.endsWith("/")) yield* keysUnder(folder, key, wish);
    else yield key;
  }
}

/** The wished names in one folder, those of folders with a slash, which is where they stand in the order. */
async function namesOf(folder: LocalFolder, base: string, wish: Wish): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(join(folder.real, base), { bufferSize: 256 })) {
      wish.signal?.throwIfAborted();
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) {
        if (mayHold(`${base}${entry.name}/`, wish)) names.push(`${entry.name}/`);
      } else if ((entry.isFile() || entry.isSymbolicLink()) && isWished(base + entry.name, wish)) {
        names.push(entry.name);
      }
    }
  } catch (error) {
    wish.signal?.throwIfAborted();
    if (!isMissing(error)) throw mapLocalError(error, "list", join(folder.real, base));
  }
  return names.sort(compareUtf8);
}

function isWished(key: string, { prefix, startAfter }: Wish): boolean {
  return key.startsWith(prefix) && (startAfter === undefined || compareUtf8(key, startAfter) > 0);
}

function mayHold(base: string, { prefix, startAfter }: Wish): boolean {
  if (!base.startsWith(prefix) && !prefix.startsWith(base)) return false;
  return startAfter === undefined || startAfter.startsWith(base) || compareUtf8(base, startAfter) > 0;
}

async function infoOf(
  folder: LocalFolder,
  hashes: ContentHashes,
  key: string,
  signal?: AbortSignal,
): Promise<ObjectInfo | undefined> {
  let modifiedAt = 0;
  let sizeBytes = 0;
  try {
    const file = await open(await folder.existing(key), OPEN_FLAGS);
    try {
      const stats = await file.stat({ bigint: true });
      if (!stats.isFile()) return undefined;
      modifiedAt = Number(stats.mtimeMs);
      sizeBytes = Number(stats.size);
      return { key, sizeBytes, modifiedAt, etag: await hashes.of(file, stats, signal) };
    } finally {
      await file.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (isMissing(error) && !key.includes(REPLACEMENT)) return undefined;
    return { key, sizeBytes, modifiedAt, etag: "" };
  }
}
