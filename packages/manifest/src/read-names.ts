import { columnKey, MANIFEST_COLUMNS, takenColumns, unclearGroups, type ManifestColumn } from "./columns.ts";
import type { ManifestFault } from "./manifest-faults.ts";
import { misspeltColumn } from "./misspelt-column.ts";
import { shown } from "./manifest-record.ts";

/** A batch's options for its manifest's columns. */
export interface ColumnRules {
  /** The manifest's name in messages. */
  readonly file: string;
  /** Columns to copy to the report, even if their names match Darkroom's columns. */
  readonly carry: readonly string[];
  /** Returns true for a column that the destination template uses, because its name is intended. */
  readonly asksFor: (column: string) => boolean;
  /**
   * Called for each mistake that makes the manifest invalid, so that reading continues. If absent, mistakes in a CSV's
   * header are thrown.
   */
  readonly refuse?: ((fault: ManifestFault) => void) | undefined;
}

/** The meaning of the names of a header or JSON object. */
export interface ReadNames {
  /** For each name, the column that the name denotes or was probably meant for. */
  readonly columns: readonly (ManifestColumn | undefined)[];
  /** Names in this file for Darkroom's columns, if they differ. */
  readonly given: Readonly<Partial<Record<ManifestColumn, string>>>;
  /** Why the names make the manifest invalid: one is probably misspelt, or two could denote the same column. */
  readonly refused: readonly { readonly name: string; readonly message: string }[];
}

export function readNames(names: readonly string[], { carry, asksFor }: ColumnRules): ReadNames {
  const meantAsIs = new Set(carry.map(columnKey));
  const columns = takenColumns(names, meantAsIs);
  const given: Partial<Record<ManifestColumn, string>> = {};
  for (const [place, column] of columns.entries()) {
    const name = names[place]?.trim() ?? "";
    if (column !== undefined && columnKey(name) !== columnKey(column)) given[column] = name;
  }
  const unclear = unclearGroups(names, meantAsIs).map((places) => places.map((place) => names[place]?.trim() ?? ""));
  const refused = unclear.map((group) => ({ name: group[1] ?? "", message: whyUnclear(group) }));
  const meant = [...columns];
  for (const [place, name] of names.entries()) {
    if (columns[place] !== undefined || meantAsIs.has(columnKey(name)) || asksFor(name)) continue;
    const column = misspeltColumn(
      name,
      MANIFEST_COLUMNS.filter((each) => !columns.includes(each)),
    );
    if (column === undefined || unclear.some((group) => group.includes(name.trim()))) continue;
    refused.push({ name: name.trim(), message: whyRefused(name.trim(), column) });
    if (meant.includes(column)) continue;
    // Treated as the intended column, so that its invalid values are reported too.
    meant[place] = column;
    given[column] = name.trim();
  }
  return { columns: meant, given, refused };
}

function whyRefused(name: string, meant: ManifestColumn): string {
  return `the column ${shown(name)} is probably meant to be "${meant}", and as written would have no effect; rename it, or declare it as your own column with --carry ${shown(name)} ("carry": [${shown(name)}] in the API)`;
}

function whyUnclear(names: readonly string[]): string {
  const all = names.map(shown).join(" and ");
  const others = shown(names[1] ?? "");
  return `the columns ${all} could each mean the same column, so neither is used; give the intended one its own name ("source" for the photo), or declare the other as your own column with --carry ${others} ("carry": [${others}] in the API)`;
}
