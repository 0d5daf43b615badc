import { photoMarkHalves, type OutcomeLine, type SnapshotRow } from "@darkroom/core";
import { KeySet } from "@darkroom/manifest";

/** Limit of cached photos that have two names. */
const MOST_REMEMBERED = 10_000;

/**
 * Finds photos with two names in one batch, over all outcome lines, because one of the names may belong to another
 * person. Ignores rows that deliberately name the same source twice. Uses about 30 bytes per portrait.
 */
export class SamePhotos {
  /** Photo mark → first of the portraits that share the photo, once checked. */
  readonly #several = new Map<string, { readonly index: number; readonly source: string } | undefined>();

  #marks: KeySet | undefined = new KeySet();

  /** Adds a portrait's outcome. Call for all outcomes before {@link close}. */
  add({ picture }: OutcomeLine): void {
    for (const mark of marksOf(picture)) {
      if (this.#marks?.add(mark) === false && this.#several.size < MOST_REMEMBERED) this.#several.set(mark, undefined);
    }
  }

  /** Frees the memory of photos that occur once. */
  close(): void {
    this.#marks = undefined;
  }

  /** Returns the reason to review a portrait; undefined unless an earlier portrait has its photo under another name. */
  reasonFor(
    { index, source = "" }: SnapshotRow,
    outcome: Pick<OutcomeLine, "picture"> | undefined,
  ): string | undefined {
    let other: { readonly index: number; readonly source: string } | undefined;
    for (const mark of marksOf(outcome?.picture)) {
      if (!this.#several.has(mark)) continue;
      const first = this.#several.get(mark);
      if (first === undefined) this.#several.set(mark, { index, source });
      else if (first.source !== source) other = first;
    }
    if (other === undefined) return undefined;
    return `its photo is also ${JSON.stringify(other.source)} (portrait ${other.index}): one of the two names may be wrong`;
  }
}

function marksOf(picture: OutcomeLine["picture"]): readonly string[] {
  if (picture === undefined) return [];
  const { content, pixels } = photoMarkHalves(picture.photo);
  return [`content ${content}`, ...(pixels === undefined ? [] : [`pixels ${pixels}`])];
}
