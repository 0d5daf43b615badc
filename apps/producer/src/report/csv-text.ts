import { stringify } from "csv-stringify";
import type { CsvSeparator } from "@darkroom/config";

/** Byte order mark, so that spreadsheets read the CSV as UTF-8. */
export const CSV_START = "\ufeff";

/** Renders CSV. A cell that a spreadsheet would run as a formula is escaped with an apostrophe. */
export async function csvText(rows: readonly (readonly unknown[])[], separator: CsvSeparator): Promise<string> {
  return await new Promise((resolve, reject) => {
    stringify(
      rows as unknown[][],
      { delimiter: separator, escape_formulas: true, cast: { boolean: (value) => (value ? "true" : "false") } },
      (error, text) => (error ? reject(error) : resolve(text)),
    );
  });
}
