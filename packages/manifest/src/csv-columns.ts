import { isCarriable, SOURCE_ALIASES, type ManifestColumn } from "./columns.ts";
import type { CsvRecord } from "./csv-reader.ts";
import { badManifest, NOT_UTF8, REPLACEMENT, shown, type ManifestRecord } from "./manifest-record.ts";
import { isPhotoKey } from "./file-kinds.ts";
import { readNames, type ColumnRules, type ReadNames } from "./read-names.ts";

/** Number of source column names in a message. docs/manifests.md lists all of them. */
const SHOWN_ALIASES = 25;

/** How one position of a CSV row is used. */
type Target =
  | { readonly column: ManifestColumn }
  | { readonly carried: string }
  | { readonly ignored: "nameless" | "dropped" };

/** Hints from the lines below a header that has no source column. */
export interface HeaderHints {
  /** The line that seems to be a header with a source column. */
  readonly headerLine: number | undefined;
  /** The position of the column whose first value is a photo's name. */
  readonly photoPlace: number | undefined;
}

/** Converts the CSV records below a header line to rows by column name. */
export class CsvColumns {
  /** The carried columns, in file order. */
  readonly carriedNames: readonly string[];
  readonly known: ReadonlySet<ManifestColumn>;
  readonly #targets: readonly Target[];
  /** The file's names for Darkroom's columns, if they differ. */
  readonly given: ReadNames["given"];

  /**
   * @param hints where the photos seem to be, for a header without a source column
   * @throws DarkroomError `invalid_input` when no column contains the source; and for any other mistake in the names,
   * if `names` does not collect them
   */
  constructor({ fields: header, line }: CsvRecord, rules: ColumnRules, hints: HeaderHints) {
    const { columns, given, refused } = readNames(header, rules);
    if (!columns.includes("source")) throw noSource(header, hints);
    const refuse = (message: string): void => {
      if (rules.refuse === undefined) throw badManifest(`${rules.file}, line ${line}: ${message}`);
      rules.refuse({ line, message });
    };
    for (const { message } of refused) refuse(message);
    this.given = given;
    const known = new Set<ManifestColumn>();
    const carried = new Set<string>();
    const names = new Set(header.map((raw) => raw.trim()));
    this.#targets = header.map((raw, i) => {
      const name = raw.trim();
      const column = columns[i];
      if (column !== undefined) {
        if (known.has(column)) {
          refuse(`the manifest has two columns called ${column}; keep one of them`);
          return { ignored: "dropped" };
        }
        known.add(column);
        return { column };
      }
      if (name === "") return { ignored: "nameless" };
      if (!isCarriable(name)) return { ignored: "dropped" };
      const unique = carried.has(name) ? freeName(`${name}_${i + 1}`, names) : name;
      names.add(unique);
      carried.add(unique);
      return { carried: unique };
    });
    this.known = known;
    this.carriedNames = [...carried];
  }

  /** @param suspicious true if the surrounding text contained bytes that are not UTF-8 */
  row(record: CsvRecord, suspicious: boolean): ManifestRecord {
    const { line, fields } = record;
    if (record.problem !== undefined) return { line, columns: {}, problem: { message: record.problem } };
    const columns: Partial<Record<ManifestColumn, string>> = {};
    const carried: Record<string, string> = {};
    for (let i = 0; i < this.#targets.length; i += 1) {
      const target = this.#targets[i];
      const value = fields[i] ?? "";
      if (target === undefined || "ignored" in target) continue;
      if ("carried" in target) carried[target.carried] = value;
      else if (value !== "") columns[target.column] = value;
    }
    const common = { line, columns, given: this.given };
    const row = this.carriedNames.length === 0 ? common : { ...common, carried };
    if (fields.length > this.#targets.length && fields.slice(this.#targets.length).some((field) => field !== "")) {
      const message = `this row has ${fields.length} columns and the header has ${this.#targets.length}; put quotes (") around a value that contains the separator`;
      return { ...row, problem: { message } };
    }
    if (suspicious && fields.some((field) => field.includes(REPLACEMENT))) {
      return { ...row, problem: { message: NOT_UTF8 } };
    }
    return row;
  }
}

/** Returns the name, with a suffix if the header already contains the name. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  while (taken.has(free)) free += "_";
  return free;
}

function noSource(header: readonly string[], { headerLine, photoPlace }: HeaderHints): Error {
  const photoColumn = photoPlace === undefined ? undefined : header[photoPlace]?.trim();
  const first = header[0]?.trim() ?? "";
  if (first.startsWith("{")) return badManifest("the manifest looks like JSONL, not CSV; set the format to jsonl");
  const names = header
    .slice(0, 8)
    .map((name) => shown(name.trim()))
    .join(", ");
  const hint =
    headerLine !== undefined
      ? `the header seems to be in line ${headerLine}: delete the lines above it`
      : header.some((name) => isPhotoKey(name.trim()))
        ? 'the first line already looks like a photo; put a header line with "source" above it'
        : photoColumn !== undefined && photoColumn !== ""
          ? `the column ${shown(photoColumn)} seems to contain the photos: call it "source"`
          : `name the column with the photos "source"; these names are accepted too: ${SOURCE_ALIASES.slice(0, SHOWN_ALIASES).join(", ")}, …`;
  return badManifest(`the manifest has no "source" column (its first line contains ${names}); ${hint}`);
}
