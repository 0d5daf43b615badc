import { lstat, opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pMapIterable } from "p-map";
import { isDarkroomError, type ListOptions, type ObjectInfo, type PassedOver } from "@darkroom/core";
import type { ContentHashes } from "./content-hash.ts";
import { isMissing, mapLocalError } from "./local-errors.ts";
import type { LocalFolder } from "./local-folder.ts";
import { LOCAL_RESERVED } from "./object-key.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** Replacement character for bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";
/** Number of files inspected in parallel, because each takes several accesses to the disk or file server. */
const LOOKED_AT_ONCE = 16;

type Wish = Required<Pick<ListOptions, "prefix">> & Pick<ListOptions, "startAfter" | "signal" | "walk">;

/**
 * Lists a folder's files as objects, in the order of their keys' UTF-8 bytes, with the names of one folder in memory.
 * Skips hidden names and does not follow links to folders. Lists unreadable files with an empty ETag, so that their
 * reader reports the reason.
 */
export async function* listFolder(
  folder: LocalFolder,
  hashes: ContentHashes,
  { prefix = "", startAfter, walk, signal }: ListOptions,
): AsyncGenerator<ObjectInfo> {
  const wish: Wish = {
    prefix,
    ...(startAfter === undefined ? {} : { startAfter }),
    ...(walk ? { walk } : {}),
    ...(signal ? { signal } : {}),
  };
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
    if (!name.endsWith("/")) {
      if (wish.walk?.wants(key) !== false) yield key;
      continue;
    }
    const has = async (inside: string): Promise<boolean> => await isFolder(join(folder.real, key, inside));
    if ((await wish.walk?.enters(key, has)) !== false) yield* keysUnder(folder, key, wish);
  }
}

/** Returns the requested names in one folder. Folders get a slash, which determines their place in the order. */
async function namesOf(folder: LocalFolder, base: string, wish: Wish): Promise<string[]> {
  const names: string[] = [];
  const passOver = (key: string, why: PassedOver): void => {
    if (isWished(key, wish)) wish.walk?.passesOver(key, why);
  };
  try {
    for await (const entry of await opendir(join(folder.real, base), { bufferSize: 256 })) {
      wish.signal?.throwIfAborted();
      const key = base + entry.name;
      if (entry.name.startsWith(".")) {
        if (!entry.name.startsWith(LOCAL_RESERVED)) passOver(entry.isDirectory() ? `${key}/` : key, "hidden");
      } else if (entry.isDirectory()) {
        if (mayHold(`${key}/`, wish)) names.push(`${entry.name}/`);
      } else if (entry.isSymbolicLink() && wish.walk !== undefined && (await leadsToFolder(join(folder.real, key)))) {
        passOver(`${key}/`, "linked_folder");
      } else if ((entry.isFile() || entry.isSymbolicLink()) && isWished(key, wish)) {
        names.push(entry.name);
      }
    }
  } catch (error) {
    wish.signal?.throwIfAborted();
    if (isMissing(error)) return [];
    const fault = mapLocalError(error, "list", join(folder.real, base));
    if (wish.walk === undefined || base === "" || !isDarkroomError(fault, "storage_denied")) throw fault;
    wish.walk.passesOver(base, "unreadable_folder");
    return [];
  }
  return names.sort(compareUtf8);
}

/** Also false when unknown. */
async function isFolder(path: string): Promise<boolean> {
  return await lstat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

async function leadsToFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
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
    if (hashes.size > 0) {
      const stats = await folder.look(key);
      const etag = stats.isFile() ? hashes.known(stats) : undefined;
      if (etag !== undefined) return { key, sizeBytes: Number(stats.size), modifiedAt: Number(stats.mtimeMs), etag };
    }
    const { file } = await folder.open(key);
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
    if (isMissing(error) && !key.includes(REPLACEMENT) && !(await isLink(join(folder.real, key)))) return undefined;
    return { key, sizeBytes, modifiedAt, etag: "" };
  }
}

/** A dangling link exists, but a file that was just deleted does not. */
async function isLink(path: string): Promise<boolean> {
  return await lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
}
