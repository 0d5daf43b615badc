import { isRejected, type QuotedDuplicate, type SnapshotRow } from "@darkroom/core";
import { KeySet } from "@darkroom/manifest";

const MAX_EXAMPLES = 10;
/** Photos whose names are kept, so that a repetition can say of what; beyond them it is still counted. */
const MOST_NAMED = 100_000;

/** Counts photos that an earlier row has already, and names the first. */
export class DuplicateCount {
  count = 0;
  readonly examples: QuotedDuplicate[] = [];
  readonly #byContent: boolean;
  readonly #photos = new KeySet();
  readonly #names = new Map<string, string>();

  /** @param byContent a listing's rows are told by ETag and size, a manifest's by the name of the source */
  constructor(byContent: boolean) {
    this.#byContent = byContent;
  }

  add(row: SnapshotRow): void {
    const photo = this.#photoOf(row);
    const { index, source = "" } = row;
    if (photo === undefined) return;
    if (this.#photos.add(photo)) {
      if (this.#names.size < MOST_NAMED) this.#names.set(photo, source);
      return;
    }
    this.count += 1;
    if (this.examples.length >= MAX_EXAMPLES) return;
    this.examples.push({ index, source, of: this.#names.get(photo) ?? null });
  }

  /** What makes two rows have the same photo; undefined where that is not known. */
  #photoOf(row: SnapshotRow): string | undefined {
    if (!this.#byContent) return row.source;
    if (isRejected(row) || row.etag === undefined) return undefined;
    return `${row.etag}/${row.sizeBytes ?? ""}`;
  }
}
