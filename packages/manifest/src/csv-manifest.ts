import { CsvColumns } from "./csv-columns.ts";
import { detectDialect, headerHints, isBlank } from "./csv-dialect.ts";
import { CsvReader, type CsvRecord } from "./csv-reader.ts";
import { sourceColumn, type ManifestColumn } from "./columns.ts";
import { badManifest, REPLACEMENT, type ManifestRecord } from "./manifest-record.ts";
import type { ColumnRules } from "./read-names.ts";
import { inventoryRow, isInventory } from "./s3-inventory.ts";

const NO_HINTS = { headerLine: undefined, photoPlace: undefined };

/** Size of the file's start from which the delimiter and line ends are detected. */
const SAMPLE_CHARS = 65_536;

const EMPTY = "the manifest is empty; it needs a header line and one line per photo";
const NO_ROW = "the manifest has a header line but no rows; add one line per photo";
const NO_PHOTO =
  'the manifest has no "source" column, and as an S3 Inventory it lists no photo; add a header line that names one';

/** Called once the header is known. If this callback throws, the read stops. */
export type OnHeader = (header: {
  readonly known: ReadonlySet<ManifestColumn>;
  readonly carried: readonly string[];
  /** The file's names for known columns, if they differ. */
  readonly given: readonly string[];
}) => void;

/**
 * Reads the rows of a CSV manifest in batches. Detects the delimiter (`,` `;` tab or `|`) and the line ends. Trims
 * header names and ignores their case. Skips empty rows. Accepts an S3 Inventory, which has no header.
 *
 * @throws DarkroomError `invalid_input` when none of its rows can be used
 */
export async function* csvManifest(
  text: AsyncIterable<string>,
  rules: ColumnRules,
  onHeader: OnHeader,
): AsyncGenerator<ManifestRecord[]> {
  let rows: RowReader | undefined;
  let sample = "";
  for await (const piece of text) {
    if (rows !== undefined) {
      yield rows.push(piece);
      continue;
    }
    sample += piece;
    if (sample.length < SAMPLE_CHARS) continue;
    rows = new RowReader(sample, rules, onHeader);
    yield rows.push(sample);
    sample = "";
  }
  if (rows === undefined) {
    rows = new RowReader(sample, rules, onHeader);
    yield rows.push(sample);
  }
  yield rows.end();
}

class RowReader {
  readonly #reader: CsvReader;
  readonly #bareCr: boolean;
  readonly #rules: ColumnRules;
  readonly #onHeader: OnHeader;
  readonly #sample: string;
  #skipChars: number;
  #toRow: ((record: CsvRecord) => ManifestRecord | undefined) | undefined;
  #suspicious = false;
  #anyRow = false;

  constructor(sample: string, rules: ColumnRules, onHeader: OnHeader) {
    const dialect = detectDialect(sample);
    this.#sample = sample;
    this.#reader = new CsvReader(dialect.delimiter, dialect.firstLine);
    this.#bareCr = dialect.bareCr;
    this.#skipChars = dialect.skipChars;
    this.#rules = rules;
    this.#onHeader = onHeader;
  }

  push(piece: string): ManifestRecord[] {
    const text = this.#skipChars === 0 ? piece : piece.slice(this.#skipChars);
    this.#skipChars = 0;
    this.#suspicious ||= text.includes(REPLACEMENT);
    return this.#rows(this.#reader.push(this.#bareCr ? text.replaceAll("\r", "\n") : text));
  }

  end(): ManifestRecord[] {
    const rows = this.#rows(this.#reader.end());
    if (this.#anyRow) return rows;
    if (this.#toRow === undefined) throw badManifest(EMPTY);
    throw badManifest(this.#toRow === inventoryRow ? NO_PHOTO : NO_ROW);
  }

  #rows(records: readonly CsvRecord[]): ManifestRecord[] {
    const rows: ManifestRecord[] = [];
    for (const record of records) {
      if (isBlank(record)) continue;
      if (this.#toRow === undefined) {
        this.#toRow = this.#readHeader(record);
        if (this.#toRow !== inventoryRow) continue;
      }
      const row = this.#toRow(record);
      if (row !== undefined) rows.push(row);
    }
    this.#anyRow ||= rows.length > 0;
    return rows;
  }

  #readHeader(first: CsvRecord): (record: CsvRecord) => ManifestRecord | undefined {
    if (first.problem !== undefined) {
      throw badManifest(`the manifest's header (line ${first.line}) cannot be read: ${first.problem}`);
    }
    if (isInventory(first)) {
      const carried = first.fields.slice(2).map((_, i) => `column_${i + 3}`);
      this.#onHeader({ known: new Set(["source"]), carried, given: [] });
      return inventoryRow;
    }
    const hints = sourceColumn(first.fields) === -1 ? headerHints(this.#sample, first.line) : NO_HINTS;
    const columns = new CsvColumns(first, this.#rules, hints);
    this.#onHeader({ known: columns.known, carried: columns.carriedNames, given: Object.values(columns.given) });
    return (record) => columns.row(record, this.#suspicious);
  }
}
