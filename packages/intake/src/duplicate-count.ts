import { isRejected, type PortraitRow, type QuotedDuplicate, type SnapshotRow } from "@darkroom/core";
import { KeySet } from "@darkroom/manifest";

const MAX_EXAMPLES = 10;
/** Photos whose rows are kept, so that a repetition can say of what; beyond them it is still counted. */
const MOST_NAMED = 100_000;

/** What is kept of the first row with a photo. */
type First = Pick<PortraitRow, "id" | "source">;

/** Counts good rows with a photo that an earlier good row has already, and names the first. A bad row is told as such. */
export class DuplicateCount {
  count = 0;
  readonly examples: QuotedDuplicate[] = [];
  readonly #byContent: boolean;
  readonly #photos = new KeySet();
  readonly #firsts = new Map<string, First>();

  /** @param byContent a listing's rows are told by ETag and size, a manifest's by the name of the source */
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

  /** What makes two rows have the same photo; undefined where that is not known. */
  #photoOf({ source, etag, sizeBytes }: PortraitRow): string | undefined {
    if (!this.#byContent) return source;
    return etag === undefined ? undefined : `${etag}/${sizeBytes ?? ""}`;
  }
}
