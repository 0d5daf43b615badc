import { stringify } from "csv-stringify";
import type { CsvSeparator } from "@darkroom/config";

/** Byte order mark, so that spreadsheets read the CSV as UTF-8. */
export const CSV_START = "\ufeff";

/**
 * Renders CSV. A cell that a spreadsheet would run as a formula is escaped with an apostrophe. With the semicolon,
 * numbers get a decimal comma: a spreadsheet that splits at semicolons reads a decimal point as text.
 */
export async function csvText(rows: readonly (readonly unknown[])[], separator: CsvSeparator): Promise<string> {
  return await new Promise((resolve, reject) => {
    stringify(
      rows as unknown[][],
      {
        delimiter: separator,
        escape_formulas: true,
        cast: {
          boolean: (value) => (value ? "true" : "false"),
          number: (value) => (separator === ";" ? String(value).replace(".", ",") : String(value)),
        },
      },
      (error, text) => (error ? reject(error) : resolve(text)),
    );
  });
}
