import { probablyMeant } from "@darkroom/core";
import { MANIFEST_COLUMNS, type ManifestColumn } from "./columns.ts";
import { shown, type ManifestRecord } from "./manifest-record.ts";

/** JSONL may name other columns in every row. */
const MOST_NAMES = 100;
const MOST_NOTES = 5;

/** Finds misspelt columns among those that a manifest's rows carry along: such a column would change nothing, without a word. */
export class CarriedColumns {
  readonly #carried = new Set<string>();
  readonly #given = new Set<ManifestColumn>();

  add({ columns, carried }: ManifestRecord): void {
    for (const column of MANIFEST_COLUMNS) if (columns[column] !== undefined) this.#given.add(column);
    if (carried === undefined || this.#carried.size >= MOST_NAMES) return;
    for (const name of Object.keys(carried)) this.#carried.add(name);
  }

  /**
   * A sentence for each column that was probably meant to be one of ours that no row gives.
   *
   * @param isUsed true for a column that the destination template asks for
   */
  notes(isUsed: (name: string) => boolean): readonly string[] {
    const absent = MANIFEST_COLUMNS.filter((column) => !this.#given.has(column));
    const notes = [...this.#carried].flatMap((name) => {
      const meant = isUsed(name) ? undefined : probablyMeant(name, absent);
      if (meant === undefined) return [];
      return [`The column ${shown(name)}: did you mean "${meant}"? It is carried along and changes nothing.`];
    });
    return notes.slice(0, MOST_NOTES);
  }
}
