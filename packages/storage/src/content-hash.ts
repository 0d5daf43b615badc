import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";

/** Number of hex digits of the SHA-256 in a local ETag. */
const ETAG_DIGITS = 32;
/** Uses about 20 MB. */
const DEFAULT_ENTRIES = 100_000;
/**
 * A recently changed file may change again without a new change time on a file system with coarse timestamps, so its
 * hash is not cached.
 */
const SETTLED_MS = 2_500;
const CHUNK_BYTES = 256 * 1_024;

/** Caches content hashes of local files by inode, size and times. */
export class ContentHashes {
  readonly #known = new Map<string, string>();
  readonly #maxEntries: number;
  readonly #now: () => number;

  constructor(maxEntries = DEFAULT_ENTRIES, now: () => number = Date.now) {
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  /** Number of cached hashes. */
  get size(): number {
    return this.#known.size;
  }

  /**
   * Returns the cached hash of a file with these facts. Its change time, which no program can set, shows that the
   * content is the hashed one.
   */
  known(stats: BigIntStats): string | undefined {
    const identity = identityOf(stats);
    const etag = this.#known.get(identity);
    if (etag === undefined) return undefined;
    this.#known.delete(identity);
    this.#known.set(identity, etag);
    return etag;
  }

  /** Returns the hash of an open file in {@link ETAG_DIGITS} hex digits. */
  async of(file: FileHandle, stats: BigIntStats, signal?: AbortSignal): Promise<string> {
    const known = this.known(stats);
    if (known !== undefined) return known;
    const lookedAtMs = this.#now();
    const etag = await hashFile(file, Number(stats.size), signal);
    const changedAtMs = Math.max(Number(stats.mtimeMs), Number(stats.ctimeMs));
    if (lookedAtMs - changedAtMs > SETTLED_MS) {
      this.#known.set(identityOf(stats), etag);
      const oldest = this.#known.keys().next();
      if (this.#known.size > this.#maxEntries && oldest.done !== true) this.#known.delete(oldest.value);
    }
    return etag;
  }
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

async function hashFile(file: FileHandle, sizeBytes: number, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  // One byte more than the file has, so that a small file and its end are read at once.
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes + 1));
  for (let position = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position);
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
    if (bytesRead === 0 || (position === sizeBytes && bytesRead < buffer.byteLength)) {
      return etagOf(hash.digest("hex"));
    }
  }
}

/** Returns the ETag for a full SHA-256. */
export function etagOf(sha256Hex: string): string {
  return sha256Hex.slice(0, ETAG_DIGITS);
}
