import { isRejected, type PortraitRow, type QuotedDuplicate, type SnapshotRow } from "@darkroom/core";
import { KeySet } from "@darkroom/manifest";

const MAX_EXAMPLES = 10;
/** Number of photos remembered with their row, to name the row in a duplicate. Further photos are only counted. */
const MOST_NAMED = 100_000;

/** The remembered fields of a photo's first row. */
type First = Pick<PortraitRow, "id" | "source">;

/**
 * Counts valid rows that repeat an earlier row's photo, and names the first of them. Bad rows are reported separately.
 */
export class DuplicateCount {
  count = 0;
  readonly examples: QuotedDuplicate[] = [];
  readonly #byContent: boolean;
  readonly #photos = new KeySet();
  readonly #firsts = new Map<string, First>();

  /** @param byContent true to compare ETag and size (a listing), false to compare the source's name (a manifest) */
  constructor(byContent: boolean) {
    this.#byContent = byContent;
  }

  add(row: SnapshotRow): void {
    if (isRejected(row)) return;
    const photo = this.#photoOf(row);
    if (photo === undefined) return;
    const { index, id, source } = row;
    if (this.#photos.add(photo)) {
      if (this.#firsts.size < MOST_NAMED) this.#firsts.set(photo, { id, source });
      return;
    }
    this.count += 1;
    if (this.examples.length >= MAX_EXAMPLES) return;
    const first = this.#firsts.get(photo);
    this.examples.push({ index, id, source, of: first?.source ?? null, ofId: first?.id ?? null });
  }

  /** Returns the photo's identity; undefined when unknown. */
  #photoOf({ source, etag, sizeBytes }: PortraitRow): string | undefined {
    if (!this.#byContent) return source;
    return etag === undefined ? undefined : `${etag}/${sizeBytes ?? ""}`;
  }
}
