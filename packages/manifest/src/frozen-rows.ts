import { DarkroomError, isRejected, type SnapshotRow } from "@darkroom/core";
import { KeySet } from "./key-set.ts";

/** Differences between two readings of a prefix. */
export interface SourceChanges {
  readonly added: number;
  readonly replaced: number;
  readonly removed: number;
}

/** The photos of a prefix that an earlier read froze into the snapshot. */
export class FrozenPhotos {
  readonly #sources = new KeySet();
  readonly #versions = new KeySet();
  #seen = 0;
  #added = 0;
  #replaced = 0;

  freeze(row: SnapshotRow): void {
    if (row.source === undefined) return;
    this.#sources.add(row.source);
    if (!isRejected(row)) this.#versions.add(versionOf(row.source, row));
  }

  /** True if a listed photo is one of the frozen photos. Counts its changes. */
  has({ key, ...now }: { readonly key: string; readonly etag: string; readonly sizeBytes: number }): boolean {
    if (!this.#sources.has(key)) {
      this.#added += 1;
      return false;
    }
    this.#seen += 1;
    if (!this.#versions.has(versionOf(key, now))) this.#replaced += 1;
    return true;
  }

  /** Called after the last listed photo. */
  get changes(): SourceChanges {
    return { added: this.#added, replaced: this.#replaced, removed: this.#sources.size - this.#seen };
  }
}

/** Without an ETag, a listing does not identify the content. */
function versionOf(
  key: string,
  { etag = "", sizeBytes }: { readonly etag?: string; readonly sizeBytes?: number },
): string {
  return etag === "" ? key : `${key}\n${etag}\n${sizeBytes ?? ""}`;
}

/**
 * Compares frozen rows with those of a second read of the same manifest. The rows must be equal, because rows of two
 * manifests are never mixed.
 *
 * @throws DarkroomError `invalid_input` with the first row that differs
 */
export class FrozenRows {
  readonly #frozen: AsyncIterator<readonly SnapshotRow[]>;
  #batch: readonly SnapshotRow[] = [];
  #place = 0;

  constructor(frozen: AsyncIterable<readonly SnapshotRow[]>) {
    this.#frozen = frozen[Symbol.asyncIterator]();
  }

  async compare(row: SnapshotRow): Promise<void> {
    if (comparedText(await this.#next()) !== comparedText(row)) throw manifestChanged(row.index);
  }

  /**
   * Call after the manifest's last row.
   *
   * @throws DarkroomError if the manifest has fewer rows than are frozen
   */
  async end(rows: number): Promise<void> {
    if ((await this.#next()) !== undefined) throw manifestChanged(rows);
  }

  async #next(): Promise<SnapshotRow | undefined> {
    while (this.#place === this.#batch.length) {
      const next = await this.#frozen.next();
      if (next.done === true) return undefined;
      this.#batch = next.value;
      this.#place = 0;
    }
    const row = this.#batch[this.#place];
    this.#place += 1;
    return row;
  }
}

/** Returns a row without its rejection message, which may differ between versions of Darkroom. */
function comparedText(row: SnapshotRow | undefined): string | undefined {
  if (row === undefined || !isRejected(row)) return JSON.stringify(row);
  const { message: _, ...rejected } = row.rejected;
  return JSON.stringify({ ...row, rejected });
}

function manifestChanged(index: number): DarkroomError {
  const message =
    `the manifest has changed from portrait ${index} on: rows of two manifests are not mixed. The rows ` +
    "read before are processed; submit the new manifest as a separate batch";
  return new DarkroomError("invalid_input", message, { field: "source" });
}
