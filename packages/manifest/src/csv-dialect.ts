import { CsvReader, type CsvRecord } from "./csv-reader.ts";
import type { HeaderHints } from "./csv-columns.ts";
import { sourceColumn, takenColumns } from "./columns.ts";
import { isPhotoKey } from "./file-kinds.ts";

export interface CsvDialect {
  readonly delimiter: string;
  /** Number of leading characters that are not data: Excel's `sep=;` line. */
  readonly skipChars: number;
  /** The line on which the data starts, from 1. */
  readonly firstLine: number;
  /** Lines end with a bare CR, as on classic Mac OS. */
  readonly bareCr: boolean;
}

const DELIMITERS = [",", ";", "\t", "|"];
/**
 * Matches an Excel separator line. A program that saves the file again may append separators, and end the line like the
 * others.
 */
const SEPARATOR_LINE = /^"?sep=([,;\t|])"?[,;\t| ]*(?:\r*\n|\r)/i;

/**
 * Detects the dialect of a CSV file from its first characters. Selects the delimiter that yields the most known columns
 * in the header line, then the most columns.
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

/**
 * Maximum number of lines searched for the header, because a title, a date or the studio's name may precede the header.
 */
const MOST_TITLE_LINES = 20;

/** Returns hints about the photos in a file whose first line, `firstLine`, is not a header with a source column. */
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

/** True for a row of empty cells, which spreadsheets often leave at the end. */
export function isBlank(record: CsvRecord): boolean {
  return record.problem === undefined && record.fields.every((field) => field.trim() === "");
}
