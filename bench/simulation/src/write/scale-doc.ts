import { readFile, writeFile } from "node:fs/promises";
import type { Table } from "../table.ts";
import { onPage } from "./page-tables.ts";

/** Formats a table as Markdown. */
function markdownOf({ columns, rows }: Table): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

/**
 * Puts each table between its markers, `<!-- table: name -->` and `<!-- end: name -->`, and keeps the text around them.
 * A table without markers is only in the results.
 *
 * @throws Error for a marker without a table, or without an end
 */
export function withTables(text: string, tables: readonly Table[]): string {
  let written = text;
  for (const table of tables) {
    const [from, to] = [`<!-- table: ${table.name} -->`, `<!-- end: ${table.name} -->`];
    const [start, end] = [written.indexOf(from), written.indexOf(to)];
    if (start < 0) continue;
    if (end < start) throw new Error(`the place of the table ${table.name} has no end: ${to}`);
    written = `${written.slice(0, start + from.length)}\n${markdownOf(table)}\n${written.slice(end)}`;
  }
  for (const [, name] of text.matchAll(/<!-- table: (\S+) -->/g)) {
    if (!tables.some((table) => table.name === name)) throw new Error(`nobody writes the table ${name}`);
  }
  return written;
}

export async function writeTables(path: string, tables: readonly Table[]): Promise<void> {
  await writeFile(path, withTables(await readFile(path, "utf8"), tables.map(onPage)));
}
