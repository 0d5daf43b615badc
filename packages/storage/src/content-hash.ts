import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";

/** Number of hex digits of the SHA-256 in a local ETag. */
const ETAG_DIGITS = 32;
/** Uses about 20 MB. */
const DEFAULT_ENTRIES = 100_000;
/**
 * A recently changed file may change again without a new modification time on a file system with coarse timestamps, so
 * its hash is not cached.
 */
const SETTLED_MS = 2_500;
const CHUNK_BYTES = 256 * 1_024;

/** Caches content hashes of local files by inode, size and times. */
export class ContentHashes {
  readonly #known = new Map<string, string>();
  readonly #maxEntries: number;

  constructor(maxEntries = DEFAULT_ENTRIES) {
    this.#maxEntries = maxEntries;
  }

  /** Number of cached hashes. */
  get size(): number {
    return this.#known.size;
  }

  /** Returns the hash of an open file in {@link ETAG_DIGITS} hex digits. */
  async of(file: FileHandle, stats: BigIntStats, signal?: AbortSignal): Promise<string> {
    const identity = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
    const known = this.#known.get(identity);
    if (known !== undefined) {
      this.#known.delete(identity);
      this.#known.set(identity, known);
      return known;
    }
    const etag = await hashFile(file, Number(stats.size), signal);
    if (Date.now() - Number(stats.mtimeMs) > SETTLED_MS) {
      this.#known.set(identity, etag);
      const oldest = this.#known.keys().next();
      if (this.#known.size > this.#maxEntries && oldest.done !== true) this.#known.delete(oldest.value);
    }
    return etag;
  }
}

async function hashFile(file: FileHandle, sizeBytes: number, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, sizeBytes)));
  for (let position = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position);
    if (bytesRead === 0) return etagOf(hash.digest("hex"));
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

/** Returns the ETag for a full SHA-256. */
export function etagOf(sha256Hex: string): string {
  return sha256Hex.slice(0, ETAG_DIGITS);
}
