import { DarkroomError, isRejected, type SnapshotRow } from "@darkroom/core";
import { KeySet } from "./key-set.ts";

/** What a second reading of a prefix found other than the first one had. */
export interface SourceChanges {
  readonly added: number;
  readonly replaced: number;
  readonly removed: number;
}

/** The photos of a prefix that an earlier reading has frozen into the snapshot, as they were then. */
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

  /** Whether a photo that is listed now is one of them; counts how it has changed. */
  has({ key, ...now }: { readonly key: string; readonly etag: string; readonly sizeBytes: number }): boolean {
    if (!this.#sources.has(key)) {
      this.#added += 1;
      return false;
    }
    this.#seen += 1;
    if (!this.#versions.has(versionOf(key, now))) this.#replaced += 1;
    return true;
  }

  /** After the last photo of the listing. */
  get changes(): SourceChanges {
    return { added: this.#added, replaced: this.#replaced, removed: this.#sources.size - this.#seen };
  }
}

/** Without an ETag a listing tells nothing of the content. */
function versionOf(
  key: string,
  { etag = "", sizeBytes }: { readonly etag?: string; readonly sizeBytes?: number },
): string {
  return etag === "" ? key : `${key}\n${etag}\n${sizeBytes ?? ""}`;
}

/**
 * Reads frozen rows beside those of a second reading of the same manifest, which must say the same: rows of two
 * manifests are never mixed.
 *
 * @throws DarkroomError `invalid_input` with the first row that says something else
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

  /** After the last row of the manifest: @throws DarkroomError where it has fewer rows than are frozen */
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

/** A row without the words of its refusal, which another version of Darkroom may say otherwise. */
function comparedText(row: SnapshotRow | undefined): string | undefined {
  if (row === undefined || !isRejected(row)) return JSON.stringify(row);
  const { message: _, ...rejected } = row.rejected;
  return JSON.stringify({ ...row, rejected });
}

function manifestChanged(index: number): DarkroomError {
  const message =
    `the manifest is another one now, from portrait ${index} on: rows of two manifests are not mixed. What had been ` +
    "read before is done; submit the new manifest as a batch of its own";
  return new DarkroomError("invalid_input", message, { field: "source" });
}
