import { isCarriable, type ManifestColumn } from "./columns.ts";
import { badManifest, MAX_RECORD_CHARS, NOT_UTF8, REPLACEMENT, shown, type ManifestRecord } from "./manifest-record.ts";

import { readNames, type ColumnRules, type ReadNames } from "./read-names.ts";

const NOT_AN_OBJECT = 'this line is not a JSON object; write one like {"source": "photo.jpg"}';

/**
 * Reads the rows of a JSONL manifest in batches, one object per line. Skips blank lines.
 *
 * @throws DarkroomError `invalid_input` when the file is blank, or its first line is not JSONL
 */
export async function* jsonlManifest(
  text: AsyncIterable<string>,
  rules: ColumnRules,
): AsyncGenerator<ManifestRecord[]> {
  const reader = new JsonlReader(rules);
  for await (const piece of text) yield reader.push(piece);
  yield reader.end();
}

class JsonlReader {
  readonly #rules: ColumnRules;
  readonly #names: ObjectNames;
  #text = "";
  #line = 1;
  #skippingLine = false;
  #started = false;

  constructor(rules: ColumnRules) {
    this.#rules = rules;
    this.#names = new ObjectNames(rules);
  }

  push(piece: string): ManifestRecord[] {
    const text = this.#text + piece;
    const rows: ManifestRecord[] = [];
    let at = 0;
    for (let newline = text.indexOf("\n"); newline !== -1; newline = text.indexOf("\n", at)) {
      this.#take(text.slice(at, newline), rows);
      this.#skippingLine = false;
      this.#line += 1;
      at = newline + 1;
    }
    this.#text = text.slice(at);
    if (this.#text.length > MAX_RECORD_CHARS) {
      this.#take(this.#text, rows);
      this.#skippingLine = true;
      this.#text = "";
    }
    return rows;
  }

  end(): ManifestRecord[] {
    const rows: ManifestRecord[] = [];
    this.#take(this.#text, rows);
    if (!this.#started) throw badManifest("the manifest is empty; it needs one JSON object per line and photo");
    return rows;
  }

  #take(text: string, rows: ManifestRecord[]): void {
    if (this.#skippingLine || text.trim() === "") return;
    if (!this.#started && !text.trimStart().startsWith("{")) {
      throw badManifest(
        "the manifest's first line is not a JSON object; JSONL has one object per line, without brackets or commas around them (for CSV, name the file .csv or set the format to csv)",
      );
    }
    this.#started = true;
    const { record, refused } = jsonlRow(text, this.#line, this.#names);
    for (const message of refused) this.#rules.refuse?.({ line: this.#line, message });
    rows.push(record);
  }
}

/** The mapping of an object's names. Cached, because consecutive objects usually have the same names. */
class ObjectNames {
  readonly #rules: ColumnRules;
  #last: { readonly names: string; readonly read: ReadNames } | undefined;

  constructor(rules: ColumnRules) {
    this.#rules = rules;
  }

  of(names: readonly string[]): ReadNames {
    const joined = names.join("\n");
    if (this.#last?.names === joined) return this.#last.read;
    const read = readNames(names, this.#rules);
    this.#last = { names: joined, read };
    return read;
  }
}

interface JsonlRow {
  readonly record: ManifestRecord;
  /** Why some of the names are rejected. */
  readonly refused: readonly string[];
}

function jsonlRow(text: string, line: number, names: ObjectNames): JsonlRow {
  const bad = (message: string): JsonlRow => ({ record: { line, columns: {}, problem: { message } }, refused: [] });
  if (text.length > MAX_RECORD_CHARS) {
    return bad(`this line is longer than ${MAX_RECORD_CHARS} characters; remove unneeded fields`);
  }
  if (text.includes(REPLACEMENT)) return bad(NOT_UTF8);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad("this line is not valid JSON; check its quotes, commas and braces");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return bad(NOT_AN_OBJECT);
  const entries = Object.entries(value);
  const read = names.of(entries.map(([name]) => name));
  const record = rowOf(entries, line, read);
  const [first] = read.refused;
  if (first === undefined) return { record, refused: [] };
  const messages = read.refused.map(({ message }) => message);
  const problem = { field: first.name, message: messages.join("; also: ") };
  return { record: { ...record, problem }, refused: messages };
}

function rowOf(entries: readonly (readonly [string, unknown])[], line: number, read: ReadNames): ManifestRecord {
  const columns: Partial<Record<ManifestColumn, string>> = {};
  const carried: Record<string, string> = {};
  let problem: ManifestRecord["problem"];
  for (const [i, [name, value]] of entries.entries()) {
    const column = read.columns[i];
    if (column === undefined) {
      if (isCarriable(name)) carried[name.trim()] = carriedText(value);
      continue;
    }
    if (value === null || value === "") continue;
    const text = columnText(column, value);
    if (typeof text === "string") columns[column] = text;
    else problem ??= { field: column, message: text.problem };
  }
  const common = { line, columns, given: read.given };
  const row = Object.keys(carried).length === 0 ? common : { ...common, carried };
  return problem === undefined ? row : { ...row, problem };
}

function carriedText(value: unknown): string {
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function columnText(column: ManifestColumn, value: unknown): string | { readonly problem: string } {
  if (typeof value === "string") return value;
  if (column === "profile_ids" && Array.isArray(value)) return profileIdsText(value);
  if (column !== "source" && (typeof value === "number" || typeof value === "boolean")) return String(value);
  const kind = Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
  return { problem: `${column} is ${kind}; write it as text in quotes` };
}

/** The array already separates ids, so a separator within one of them is a mistake. */
function profileIdsText(values: readonly unknown[]): string | { readonly problem: string } {
  const ids: string[] = [];
  for (const value of values) {
    if (typeof value !== "string" && typeof value !== "number") {
      return { problem: "profile_ids contains something that is not text; write each profile id in quotes" };
    }
    const id = String(value);
    if (id === "" || /[\s|,;]/.test(id)) {
      return {
        problem: `profile_ids contains ${shown(id)}; an id must not be blank or contain a space, comma, semicolon or |`,
      };
    }
    ids.push(id);
  }
  return ids.join("|");
}
