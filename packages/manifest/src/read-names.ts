import { columnKey, MANIFEST_COLUMNS, takenColumns, unclearGroups, type ManifestColumn } from "./columns.ts";
import type { ManifestFault } from "./manifest-faults.ts";
import { misspeltColumn } from "./misspelt-column.ts";
import { shown } from "./manifest-record.ts";

/** What a batch says of its manifest's columns. */
export interface ColumnRules {
  /** What a message calls the manifest. */
  readonly file: string;
  /** Columns that are meant to be carried along, whatever they are called. */
  readonly carry: readonly string[];
  /** True for a column that the destination template asks for: it is meant as it is. */
  readonly asksFor: (column: string) => boolean;
  /** Told of each mistake for which the manifest is refused, and reading goes on; without it a CSV's are thrown. */
  readonly refuse?: ((fault: ManifestFault) => void) | undefined;
}

/** What the names of a header, or of a JSON object, stand for. */
export interface ReadNames {
  /** For each name the column of ours that it stands for, or was probably meant to. */
  readonly columns: readonly (ManifestColumn | undefined)[];
  /** The names of our columns that have another one here. */
  readonly given: Readonly<Partial<Record<ManifestColumn, string>>>;
  /** Why the manifest is refused for its names: one was probably meant to be another, or two could be the same column. */
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
    // Read as what it is meant to be, so that what is wrong with its values is told as well.
    meant[place] = column;
    given[column] = name.trim();
  }
  return { columns: meant, given, refused };
}

function whyRefused(name: string, meant: ManifestColumn): string {
  return `the column ${shown(name)} is probably meant to be "${meant}", and as it is would change nothing; rename it, or say that it is a column of your own with --carry ${shown(name)} ("carry": [${shown(name)}] in the API)`;
}

function whyUnclear(names: readonly string[]): string {
  const all = names.map(shown).join(" and ");
  const others = shown(names[1] ?? "");
  return `the columns ${all} could each be the same one of ours, and none is taken by guess; call the one that is meant by our own name ("source" for the photo), or say that the other is a column of your own with --carry ${others} ("carry": [${others}] in the API)`;
}
