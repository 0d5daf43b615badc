/** Byte order mark, so that spreadsheets read the CSV as UTF-8. */
export const CSV_START = "\ufeff";

/** A table value. Null and undefined become empty cells. */
export type Cell = string | number | boolean | null | undefined;

/** Matches values that a spreadsheet would run as a formula. The last four are full-width forms. */
const FORMULA = /^[=+@\t\r\-\uFF1D\uFF0B\uFF0D\uFF20]/;

const NEEDS_QUOTES = { ",": /[",\r\n]/, ";": /[";\r\n]/, "\t": /["\t\r\n]/ } as const;

/**
 * Renders CSV. Escapes a cell that a spreadsheet would run as a formula with an apostrophe. With the semicolon
 * separator, numbers get a decimal comma, because a spreadsheet that splits at semicolons reads a decimal point as
 * text. CSV libraries allocate too much per row for reports of millions of rows.
 */
export function csvText(rows: readonly (readonly Cell[])[], separator: keyof typeof NEEDS_QUOTES): string {
  const needsQuotes = NEEDS_QUOTES[separator];
  let text = "";
  for (const row of rows) {
    let before = "";
    for (const value of row) {
      text += before + cellOf(value, separator, needsQuotes);
      before = separator;
    }
    text += "\n";
  }
  return text;
}

function cellOf(value: Cell, separator: keyof typeof NEEDS_QUOTES, needsQuotes: RegExp): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "number") return separator === ";" ? String(value).replace(".", ",") : String(value);
  const plain = String(value);
  const text = FORMULA.test(plain) ? `'${plain}` : plain;
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
