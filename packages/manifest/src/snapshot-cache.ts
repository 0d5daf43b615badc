import { DarkroomError, SNAPSHOT_PART_ROWS, type ObjectStore, type SnapshotRow } from "@darkroom/core";
import { loadSnapshotPart, type LoadedPart } from "./snapshot.ts";

const DEFAULT_CACHED_PARTS = 16;
/** Bytes of text. In memory, parts need a few times as much. */
const DEFAULT_CACHED_BYTES = 32 * 1_024 * 1_024;

export interface SnapshotCacheOptions {
  /** Maximum number of parts. The least recently used part is evicted. Defaults to 16. */
  readonly parts?: number;
  /** Maximum bytes of the parts' text, except the text of the last used part. Defaults to 32 MiB. */
  readonly textBytes?: number;
}

interface Cached {
  readonly loading: Promise<LoadedPart>;
  /** 0 until the part is loaded. */
  textBytes: number;
}

/** Caches snapshot parts, so that adjacent rows need no further read. */
export class SnapshotCache {
  readonly #mostParts: number;
  readonly #mostBytes: number;
  /** In order of use, least recently used first. */
  readonly #parts = new Map<string, Cached>();

  constructor({ parts = DEFAULT_CACHED_PARTS, textBytes = DEFAULT_CACHED_BYTES }: SnapshotCacheOptions = {}) {
    this.#mostParts = Math.max(1, parts);
    this.#mostBytes = textBytes;
  }

  /**
   * Returns one row. Concurrent calls for the same part share one read. Failed reads are not cached.
   *
   * @param fence the ledger's fence of the last ingest; a row that was read under another fence may belong to another
   *   portrait now
   * @throws DarkroomError `storage_not_found` when the row's part is missing, `not_found` when the part ends before the
   *   row
   */
  async row(store: ObjectStore, batchId: string, index: number, fence: number): Promise<SnapshotRow> {
    const part = Math.floor(index / SNAPSHOT_PART_ROWS);
    const key = `${batchId}/${part}/${fence}@${store.url}`;
    const load = (): Promise<LoadedPart> => loadSnapshotPart(store, batchId, part);
    // A resumed ingest may have added rows to a cached part.
    for (const tries = this.#parts.has(key) ? [1, 2] : [1]; tries.length > 0; tries.pop()) {
      const { rows } = await this.#kept(key, load);
      const row = rows[index % SNAPSHOT_PART_ROWS];
      if (row !== undefined) return row;
      this.#parts.delete(key);
    }
    throw new DarkroomError("not_found", `batch ${batchId} has no portrait ${index}`);
  }

  async #kept(key: string, load: () => Promise<LoadedPart>): Promise<LoadedPart> {
    const known = this.#parts.get(key);
    this.#parts.delete(key);
    const cached = known ?? { loading: load(), textBytes: 0 };
    this.#parts.set(key, cached);
    if (known !== undefined) return await cached.loading;
    this.#trim();
    try {
      const loaded = await cached.loading;
      cached.textBytes = loaded.textBytes;
      this.#trim();
      return loaded;
    } catch (error) {
      if (this.#parts.get(key) === cached) this.#parts.delete(key);
      throw error;
    }
  }

  #trim(): void {
    let bytes = [...this.#parts.values()].reduce((sum, { textBytes }) => sum + textBytes, 0);
    for (const [oldest, { textBytes }] of this.#parts) {
      const fits = this.#parts.size <= this.#mostParts && bytes <= this.#mostBytes;
      if (fits || this.#parts.size === 1) return;
      this.#parts.delete(oldest);
      bytes -= textBytes;
    }
  }
}
