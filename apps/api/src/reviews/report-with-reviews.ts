import { Readable } from "node:stream";
import { csvText, CSV_START } from "@darkroom/archive";
import type { CsvSeparator } from "@darkroom/config";
import { REVIEW_COLUMNS } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { Services } from "../services.ts";
import { readReviews, viewReview } from "./read-reviews.ts";

/** Rows whose decisions are read at once. */
const ROWS_AT_ONCE = 500;

/** A report, as it was written when the batch ended. */
export interface WrittenReport {
  readonly body: Readable;
  readonly isCsv: boolean;
}

/**
 * Adds the current decisions to a report as the last columns of each row, `REVIEW_COLUMNS`. A report has one row per
 * portrait, in order.
 */
export function reportWithReviews(
  services: Pick<Services, "ledger" | "openStore">,
  record: BatchRecord,
  { body, isCsv }: WrittenReport,
): Readable {
  return Readable.from(isCsv ? csvRows(services, record, body) : jsonRows(services, record, body));
}

async function* csvRows(...[services, record, body]: RowSource): AsyncGenerator<string> {
  let index = 0;
  let separator: CsvSeparator | undefined;
  for await (const rows of inBlocks(rowsOf(body, true))) {
    let [text, some] = ["", rows];
    if (separator === undefined) {
      const [header = "", ...others] = rows;
      separator = separatorOf(header);
      [text, some] = [`${header}${separator}${REVIEW_COLUMNS.join(separator)}\n`, others];
    }
    const decisions = await decisionsOf(services, record, { first: index, count: some.length });
    const between = separator;
    text += some.map((row, place) => `${row}${between}${csvText([decisions[place] ?? []], between)}`).join("");
    index += some.length;
    yield text;
  }
}

async function* jsonRows(...[services, record, body]: RowSource): AsyncGenerator<string> {
  let index = 0;
  for await (const rows of inBlocks(rowsOf(body, false))) {
    const decisions = await decisionsOf(services, record, { first: index, count: rows.length });
    index += rows.length;
    yield rows
      .map((row, place) => {
        const fields = REVIEW_COLUMNS.map((column, at) => [column, decisions[place]?.[at] ?? ""] as const);
        return `${row.slice(0, -1)},${JSON.stringify(Object.fromEntries(fields)).slice(1)}\n`;
      })
      .join("");
  }
}

type RowSource = [services: Pick<Services, "ledger" | "openStore">, record: BatchRecord, body: Readable];

/** Returns the cells of some rows; empty cells for rows without a decision. */
async function decisionsOf(
  services: Pick<Services, "ledger" | "openStore">,
  record: BatchRecord,
  { first, count }: { readonly first: number; readonly count: number },
): Promise<readonly (readonly string[])[]> {
  const indexes = Array.from({ length: count }, (_, offset) => first + offset);
  return (await readReviews(services, record, indexes)).map((known) => {
    const { state, by, note } = viewReview(known);
    return state === "undecided" ? ["", "", ""] : [state, by ?? "", note ?? ""];
  });
}

function separatorOf(header: string): CsvSeparator {
  const after = header.slice((header.startsWith(CSV_START) ? 1 : 0) + "id".length);
  return after.startsWith(";") ? ";" : after.startsWith("\t") ? "\t" : ",";
}

/** Splits a text into rows. A line break within quotes belongs to its row. */
async function* rowsOf(body: Readable, hasQuotes: boolean): AsyncGenerator<string> {
  body.setEncoding("utf8");
  let [row, quotes] = ["", 0];
  for await (const chunk of body as AsyncIterable<string>) {
    const lines = chunk.split("\n");
    for (const [place, line] of lines.entries()) {
      row += line;
      if (hasQuotes) quotes += countQuotes(line);
      if (place === lines.length - 1) continue;
      if (quotes % 2 === 1) row += "\n";
      else {
        yield row;
        [row, quotes] = ["", 0];
      }
    }
  }
  if (row !== "") yield row;
}

function countQuotes(line: string): number {
  let count = 0;
  for (let at = line.indexOf('"'); at !== -1; at = line.indexOf('"', at + 1)) count += 1;
  return count;
}

async function* inBlocks(rows: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let block: string[] = [];
  for await (const row of rows) {
    block.push(row);
    if (block.length < ROWS_AT_ONCE) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}
