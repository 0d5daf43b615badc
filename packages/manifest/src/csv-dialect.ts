import { CsvReader, type CsvRecord } from "./csv-reader.ts";
import type { HeaderHints } from "./csv-columns.ts";
import { sourceColumn, takenColumns } from "./columns.ts";
import { isPhotoKey } from "./file-kinds.ts";

export interface CsvDialect {
  readonly delimiter: string;
  /** Characters at the start that are not data: Excel's `sep=;` line. */
  readonly skipChars: number;
  /** The line on which the data starts. */
  readonly firstLine: number;
  /** Lines end with a bare CR, as old Mac programs write them. */
  readonly bareCr: boolean;
}

const DELIMITERS = [",", ";", "\t", "|"];
const SEPARATOR_LINE = /^"?sep=([,;\t|])"?(\r\n|\n|\r)/i;

/**
 * Finds out how a CSV file is written from its first characters: the delimiter is the one that makes the most known
 * columns of the header line, and then the most columns.
 */
export function detectDialect(sample: string): CsvDialect {
  const bareCr = !sample.includes("\n") && sample.includes("\r");
  const separator = SEPARATOR_LINE.exec(sample);
  if (separator?.[1] !== undefined) {
    return { delimiter: separator[1], skipChars: separator[0].length, firstLine: 2, bareCr };
  }
  const text = bareCr ? sample.replaceAll("\r", "\n") : sample;
  let best = { delimiter: ",", score: -1 };
  for (const delimiter of DELIMITERS) {
    const score = scoreOf(firstRecord(text, delimiter)?.fields ?? []);
    if (score > best.score) best = { delimiter, score };
  }
  return { delimiter: best.delimiter, skipChars: 0, firstLine: 1, bareCr };
}

/** Lines above the header that are looked through: a title, a date, the studio's name. */
const MOST_TITLE_LINES = 20;

/** Where the photos seem to be in a file whose first line, `firstLine`, is no header with a column for them. */
export function headerHints(sample: string, firstLine: number): HeaderHints {
  const text = sample.replaceAll(/\r+\n|\r/g, "\n");
  const start = text.split("\n", MOST_TITLE_LINES).join("\n");
  const { delimiter } = detectDialect(sample);
  const lines = DELIMITERS.flatMap((each) => {
    return recordsOf(start, each).filter(({ fields }) => sourceColumn(fields) !== -1);
  }).map(({ line }) => line);
  const values =
    recordsOf(start, delimiter).find((record) => record.line > firstLine && !isBlank(record))?.fields ?? [];
  const place = values.findIndex((value) => isPhotoKey(value.trim().replaceAll("\\", "/")));
  return {
    headerLine: lines.length === 0 ? undefined : Math.min(...lines),
    photoPlace: place === -1 ? undefined : place,
  };
}

function recordsOf(text: string, delimiter: string): readonly CsvRecord[] {
  const reader = new CsvReader(delimiter);
  return [...reader.push(text), ...reader.end()];
}

function firstRecord(text: string, delimiter: string): CsvRecord | undefined {
  return recordsOf(text, delimiter).find((record) => !isBlank(record));
}

function scoreOf(fields: readonly string[]): number {
  const known = takenColumns(fields).filter((column) => column !== undefined).length;
  return known * 10_000 + Math.min(fields.length, 9_999);
}

/** A row of nothing but empty cells, as spreadsheets leave them at the end. */
export function isBlank(record: CsvRecord): boolean {
  return record.problem === undefined && record.fields.every((field) => field.trim() === "");
}
