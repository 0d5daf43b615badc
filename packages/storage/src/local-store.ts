import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { rename, rm, stat, unlink, type FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable, addAbortSignal } from "node:stream";
import {
  DarkroomError,
  type GetOptions,
  type GetResult,
  type LinkOptions,
  type ListOptions,
  type ObjectHead,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from "@darkroom/core";
import { etagOf, type ContentHashes } from "./content-hash.ts";
import { contentTypeOf } from "./content-type.ts";
import type { KeyedLock } from "./keyed-lock.ts";
import { signLink } from "./links.ts";
import { isMissing, mapLocalError, systemCode } from "./local-errors.ts";
import type { LocalFolder } from "./local-folder.ts";
import { removeLeftovers } from "./local-leftovers.ts";
import { listFolder } from "./local-listing.ts";
import { openTemporary, readNotes, removeNotes, writeNotes, type Note } from "./local-notes.ts";
import { checkLinkSeconds, checkLocalKey, checkRange } from "./object-key.ts";
import { watchBody, wrongLength } from "./sized-body.ts";
import { pathOrUrl } from "./urls.ts";
import { foldMetadata } from "./user-metadata.ts";

/** Bytes hashed and written at a time. */
const SLICE_BYTES = 1_024 * 1_024;
/** Attempts to open a file that is being replaced. */
const MAX_OPENS = 5;

/** State that the local stores of a process share, and the base address of their links. */
export interface LocalSurroundings {
  readonly hashes: ContentHashes;
  readonly locks: KeyedLock;
  readonly linkBaseUrl: () => string | undefined;
  readonly linkSecret: string;
}

/**
 * A folder as an object store. The ETag is a content hash, so that a copied or touched file counts as the same photo.
 * Syncs the bytes to disk before it renames the file into place. Rethrows an error of the body unchanged.
 */
export class LocalStore implements ObjectStore {
  readonly url: string;
  readonly kind = "local";
  readonly #folder: LocalFolder;
  readonly #shared: LocalSurroundings;

  constructor(url: string, folder: LocalFolder, surroundings: LocalSurroundings) {
    this.url = url;
    this.#folder = folder;
    this.#shared = surroundings;
  }

  checkKey(key: string): void {
    checkLocalKey(key);
  }

  async get(key: string, { range, signal }: GetOptions = {}): Promise<GetResult> {
    checkLocalKey(key);
    if (range !== undefined) checkRange(range);
    signal?.throwIfAborted();
    try {
      const { file, info } = await this.#open(key, signal);
      const start = range?.start ?? 0;
      if (start >= info.sizeBytes) {
        await file.close();
        return { info, body: Readable.from([]) };
      }
      const end = Math.min(range?.end ?? Infinity, info.sizeBytes - 1);
      const body = file.createReadStream({ start, end, highWaterMark: 256 * 1_024 });
      return { info, body: signal === undefined ? body : addAbortSignal(signal, body) };
    } catch (error) {
      signal?.throwIfAborted();
      // A folder is not an object.
      if (systemCode(error) === "EISDIR") {
        const message = `cannot read ${pathOrUrl(this.url, key)}: it is a folder, not a file`;
        throw new DarkroomError("storage_not_found", message, { cause: error });
      }
      throw this.#mapped(error, "read", key);
    }
  }

  /** Throws `storage_invalid` when a file or folder blocks the key, because a put would fail too. */
  async head(key: string): Promise<ObjectHead | undefined> {
    checkLocalKey(key);
    try {
      const { file, info } = await this.#open(key);
      await file.close();
      return info;
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      if (systemCode(error) === "ENOTDIR") throw this.#mapped(error, "write", key);
      throw this.#mapped(error, "read", key);
    }
  }

  async put(key: string, body: Uint8Array | Readable, options: PutOptions = {}): Promise<{ etag: string }> {
    const isFromBody = watchBody(body);
    try {
      checkLocalKey(key);
      options.signal?.throwIfAborted();
      return { etag: await this.#put(key, body, options) };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isFromBody(error)) throw error;
      throw this.#mapped(error, "write", key);
    } finally {
      if (body instanceof Readable) body.destroy();
    }
  }

  async isThere(): Promise<boolean> {
    try {
      return (await stat(this.#folder.real)).isDirectory();
    } catch (error) {
      if (isMissing(error)) return false;
      throw this.#mapped(error, "read", "");
    }
  }

  async *list(options: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    yield* listFolder(this.#folder, this.#shared.hashes, options);
  }

  async delete(key: string): Promise<void> {
    checkLocalKey(key);
    try {
      const parent = await this.#folder.parent(key);
      const path = join(parent, basename(key));
      await this.#shared.locks.run(path, async () => {
        await unlink(path);
        await removeNotes(path);
      });
      await this.#folder.prune(parent);
    } catch (error) {
      // A folder is not an object.
      if (!isMissing(error) && systemCode(error) !== "EISDIR") throw this.#mapped(error, "delete", key);
    }
  }

  async removeLeftovers(prefix: string, olderThanMs: number): Promise<number> {
    if (prefix !== "") checkLocalKey(prefix.replace(/\/$/, ""));
    try {
      return await removeLeftovers(this.#folder, prefix, olderThanMs);
    } catch (error) {
      throw this.#mapped(error, "delete", prefix);
    }
  }

  async link(key: string, { expiresInSeconds, etag }: LinkOptions): Promise<string> {
    checkLocalKey(key);
    checkLinkSeconds(this.url, expiresInSeconds);
    const base = this.#shared.linkBaseUrl();
    if (base === undefined || base === "") {
      const message =
        "a local folder cannot create links by itself: set DARKROOM_PUBLIC_URL to the public address of the API";
      throw new DarkroomError("invalid_settings", message, { field: "DARKROOM_PUBLIC_URL" });
    }
    const { linkSecret } = this.#shared;
    if (linkSecret === "")
      throw new DarkroomError("invalid_settings", "links cannot be signed: the link secret is empty");
    const token = signLink(linkSecret, { storeUrl: this.url, key, etag }, Date.now() + expiresInSeconds * 1_000);
    return `${base.replace(/\/+$/, "")}/files/${token}/${encodeURIComponent(basename(key))}`;
  }

  /** Opens a key's file and reads its metadata. Throws the system's errors. */
  async #open(key: string, signal?: AbortSignal): Promise<{ file: FileHandle; info: ObjectHead }> {
    for (let attempt = 1; ; attempt++) {
      const { file, path } = await this.#folder.open(key);
      try {
        const stats = await file.stat({ bigint: true });
        if (stats.isDirectory()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
        if (!stats.isFile()) throw Object.assign(new Error("no file"), { code: "ENOENT" });
        const etag = await this.#shared.hashes.of(file, stats, signal);
        const note = (await readNotes(path)).find((note) => note.etag === etag);
        if (note === undefined && attempt < MAX_OPENS && (await wasReplaced(path, stats))) {
          await file.close();
          continue;
        }
        const info = {
          key,
          sizeBytes: Number(stats.size),
          etag,
          modifiedAt: Number(stats.mtimeMs),
          contentType: note?.contentType ?? contentTypeOf(key),
          metadata: note?.metadata ?? {},
        };
        return { file, info };
      } catch (error) {
        await file.close();
        throw error;
      }
    }
  }

  async #put(key: string, body: Uint8Array | Readable, options: PutOptions): Promise<string> {
    const metadata = foldMetadata(options.metadata ?? {});
    let parent = await this.#folder.makeParent(key);
    const { temporary, handle } = await openTemporary(parent.path, async () => {
      parent = await this.#folder.makeParent(key);
    });
    try {
      const etag = await this.#write(handle, key, body, options);
      const contentType = options.contentType;
      const note: Note = { etag, metadata, ...(contentType === undefined ? {} : { contentType }) };
      await this.#commit(temporary, join(parent.path, basename(key)), note);
      return etag;
    } catch (error) {
      await rm(temporary, { force: true });
      if (parent.made) await this.#folder.prune(parent.path);
      throw error;
    }
  }

  /** Writes and closes the file and returns its ETag. */
  async #write(
    handle: FileHandle,
    key: string,
    body: Uint8Array | Readable,
    { sizeBytes, signal }: PutOptions,
  ): Promise<string> {
    const hash = createHash("sha256");
    const expectedBytes = sizeBytes ?? Infinity;
    let seenBytes = 0;
    try {
      if (signal !== undefined && body instanceof Readable) addAbortSignal(signal, body);
      for await (const chunk of slicesOf(body)) {
        signal?.throwIfAborted();
        seenBytes += chunk.byteLength;
        if (seenBytes > expectedBytes) break;
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
      if (sizeBytes !== undefined && seenBytes !== sizeBytes) {
        throw wrongLength(`cannot write ${pathOrUrl(this.url, key)}`, sizeBytes, seenBytes);
      }
      await handle.datasync();
    } finally {
      await handle.close();
    }
    signal?.throwIfAborted();
    return etagOf(hash.digest("hex"));
  }

  async #commit(temporary: string, path: string, note: Note): Promise<void> {
    await this.#shared.locks.run(path, async () => {
      const tells =
        Object.keys(note.metadata).length > 0 ||
        (note.contentType !== undefined && note.contentType !== contentTypeOf(path));
      const before = await readNotes(path);
      const others = before.filter((other) => other.etag !== note.etag);
      if (tells || before.length > 0) await writeNotes(path, [note, ...others]);
      try {
        await rename(temporary, path);
      } catch (error) {
        if (before.length === 0) await removeNotes(path);
        throw error;
      }
      if (!tells) await removeNotes(path);
      else if (others.length > 0) await writeNotes(path, [note]);
    });
  }

  #mapped(error: unknown, action: "read" | "write" | "delete", key: string): DarkroomError {
    return mapLocalError(error, action, pathOrUrl(this.url, key));
  }
}

/** True when another file is now at the path. */
async function wasReplaced(path: string, { ino }: BigIntStats): Promise<boolean> {
  return (await stat(path, { bigint: true })).ino !== ino;
}

async function* slicesOf(body: Uint8Array | Readable): AsyncGenerator<Uint8Array> {
  if (body instanceof Readable) {
    for await (const chunk of body as AsyncIterable<Uint8Array | string>) {
      yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    }
    return;
  }
  for (let at = 0; at < body.byteLength; at += SLICE_BYTES) yield body.subarray(at, at + SLICE_BYTES);
}
