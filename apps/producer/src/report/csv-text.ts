import { stringify } from "csv-stringify";
import type { CsvSeparator } from "@darkroom/config";

/** What a CSV file begins with for a spreadsheet to read it as UTF-8: a byte order mark. */
export const CSV_START = "\ufeff";

/** CSV that a spreadsheet reads as text: a cell that would start a formula is quoted with an apostrophe. */
export async function csvText(rows: readonly (readonly unknown[])[], separator: CsvSeparator): Promise<string> {
  return await new Promise((resolve, reject) => {
    stringify(
      rows as unknown[][],
      { delimiter: separator, escape_formulas: true, cast: { boolean: (value) => (value ? "true" : "false") } },
      (error, text) => (error ? reject(error) : resolve(text)),
    );
  });
}
