import { DarkroomError, SNAPSHOT_PART_ROWS, type ObjectStore, type SnapshotRow } from "@darkroom/core";
import { readSnapshotPart } from "./snapshot.ts";

export const DEFAULT_CACHED_PARTS = 16;

export interface SnapshotCacheOptions {
  /** How many parts are kept, the least recently used going first. Defaults to 16. */
  readonly parts?: number;
}

/** Rows of snapshots by index, with the parts they came in kept for their neighbours. */
export class SnapshotCache {
  readonly #limit: number;
  /** In the order of use, the longest unused first. */
  readonly #parts = new Map<string, Promise<readonly SnapshotRow[]>>();

  constructor({ parts = DEFAULT_CACHED_PARTS }: SnapshotCacheOptions = {}) {
    this.#limit = Math.max(1, parts);
  }

  /**
   * One row. Calls for the same part at the same time share one read; a read that failed is not kept.
   *
   * @throws DarkroomError `storage_not_found` when its part is missing, `not_found` when the part ends before it
   */
  async row(store: ObjectStore, batchId: string, index: number): Promise<SnapshotRow> {
    const part = Math.floor(index / SNAPSHOT_PART_ROWS);
    const rows = await this.#load(store, batchId, part);
    const row = rows[index % SNAPSHOT_PART_ROWS];
    if (row !== undefined) return row;
    this.#parts.delete(keyOf(store, batchId, part));
    throw new DarkroomError("not_found", `batch ${batchId} has no portrait ${index}`);
  }

  #load(store: ObjectStore, batchId: string, part: number): Promise<readonly SnapshotRow[]> {
    const key = keyOf(store, batchId, part);
    const cached = this.#parts.get(key);
    this.#parts.delete(key);
    const rows = cached ?? readSnapshotPart(store, batchId, part);
    this.#parts.set(key, rows);
    if (cached !== undefined) return rows;
    rows.catch(() => {
      if (this.#parts.get(key) === rows) this.#parts.delete(key);
    });
    for (const oldest of this.#parts.keys()) {
      if (this.#parts.size <= this.#limit) break;
      this.#parts.delete(oldest);
    }
    return rows;
  }
}

function keyOf(store: ObjectStore, batchId: string, part: number): string {
  return `${batchId}/${part}@${store.url}`;
}
