import { parse } from "csv-parse/sync";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CsvReader, type CsvRecord } from "./csv-reader.ts";
import { MAX_RECORD_CHARS } from "./manifest-record.ts";

function read(text: string, delimiter = ","): CsvRecord[] {
  const reader = new CsvReader(delimiter);
  return [...reader.push(text), ...reader.end()];
}

function readInPieces(text: string, delimiter: string, sizes: readonly number[]): CsvRecord[] {
  const reader = new CsvReader(delimiter);
  const records: CsvRecord[] = [];
  let at = 0;
  for (let i = 0; at < text.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    records.push(...reader.push(text.slice(at, at + size)));
    at += size;
  }
  return [...records, ...reader.end()];
}

const delimiters = fc.constantFrom(",", ";", "\t");
const cells = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", " ", '"', '""', "\n", "\r\n", "\r", ";", ",", "\t", 'a "b" c', " x ", "a\nb\r\nc", "é", "👩‍🦰"),
);
/** A table, its CSV format, and whether to quote cells that need no quotes. */
const written = fc
  .record({
    table: fc.array(fc.array(cells, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 }),
    delimiter: delimiters,
    lineEnd: fc.constantFrom("\n", "\r\n"),
    quoteAll: fc.boolean(),
    lastLineEnd: fc.boolean(),
  })
  .map(({ table, delimiter, lineEnd, quoteAll, lastLineEnd }) => {
    const lines = table.map((row) =>
      row
        .map((cell) => {
          const needed = row.length === 1 || /["\r\n]|^ | $/.test(cell) || cell.includes(delimiter);
          return quoteAll || needed ? `"${cell.replaceAll('"', '""')}"` : cell;
        })
        .join(delimiter),
    );
    return { table, delimiter, text: lines.join(lineEnd) + (lastLineEnd ? lineEnd : "") };
  });

describe("CsvReader", () => {
  it("returns any written table unchanged", () => {
    fc.assert(
      fc.property(written, ({ table, delimiter, text }) => {
        expect(read(text, delimiter).map(({ fields }) => fields)).toEqual(table);
      }),
      { numRuns: 1_000 },
    );
  });

  it("returns the same records however the text is split", () => {
    fc.assert(
      fc.property(written, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (csv, sizes) => {
        expect(readInPieces(csv.text, csv.delimiter, sizes)).toEqual(read(csv.text, csv.delimiter));
      }),
      { numRuns: 500 },
    );
  });

  it("returns the same records of any text, even with broken quotes, however it is split", () => {
    const text = fc.array(fc.constantFrom('"', '"', ",", "\n", "\r\n", "a", " "), { maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (parts, sizes) => {
        const whole = read(parts.join(""));
        expect(readInPieces(parts.join(""), ",", sizes)).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
  });

  it("agrees with csv-parse on well-formed files", () => {
    fc.assert(
      fc.property(written, ({ delimiter, text }) => {
        const theirs = parse(text, {
          delimiter,
          relax_column_count: true,
          skip_empty_lines: true,
          record_delimiter: ["\r\n", "\n"],
        });
        expect(read(text, delimiter).map(({ fields }) => fields)).toEqual(theirs);
      }),
      { numRuns: 500 },
    );
  });

  it("numbers records by the physical line on which they start", () => {
    const text = 'a,b\r\n\r\n"x\r\ny",1\r\n"p\nq\n","r\n"\n\nlast,2';
    expect(read(text)).toEqual([
      { line: 1, fields: ["a", "b"] },
      { line: 3, fields: ["x\r\ny", "1"] },
      { line: 5, fields: ["p\nq\n", "r\n"] },
      { line: 10, fields: ["last", "2"] },
    ]);
  });

  it("keeps a quote in the middle of an unquoted value, and drops spaces around a quoted one", () => {
    expect(read('Jane "JJ" Doe, "a, b" ,5"').map(({ fields }) => fields)).toEqual([['Jane "JJ" Doe', "a, b", '5"']]);
  });

  it("loses only one line to a quote that is never closed", () => {
    const records = read('source,n\n"a.jpg,1\nb.jpg,2\nc.jpg,3\n');
    expect(records.map(({ line, fields }) => [line, ...fields])).toEqual([
      [1, "source", "n"],
      [2],
      [3, "b.jpg", "2"],
      [4, "c.jpg", "3"],
    ]);
    expect(records[1]?.problem).toMatch(/quote .* not closed/);
  });

  it("loses only one line to a quote that seems closed by a later row's quote", () => {
    const records = read('"a.jpg,1\n"b.jpg",2\nc.jpg,3\n');
    expect(records.map(({ line, fields, problem }) => [line, problem !== undefined, ...fields])).toEqual([
      [1, true],
      [2, false, "b.jpg", "2"],
      [3, false, "c.jpg", "3"],
    ]);
  });

  it("rejects an endless line as soon as it is too long, and continues after it", () => {
    const reader = new CsvReader(",");
    const early = reader.push("x".repeat(MAX_RECORD_CHARS + 1));
    expect(early).toEqual([{ line: 1, fields: [], problem: expect.stringContaining("longer than") }]);
    expect(reader.push(`${"x".repeat(MAX_RECORD_CHARS)}\nb.jpg,2\n`)).toEqual([{ line: 2, fields: ["b.jpg", "2"] }]);
    expect(reader.end()).toEqual([]);
  });

  it("buffers no more than the longest record while it looks for a closing quote", () => {
    const reader = new CsvReader(",");
    const filler = `${"y".repeat(1_023)}\n`.repeat(1_024);
    const records = [...reader.push('"a.jpg,1\n'), ...reader.push(filler), ...reader.push("b.jpg,2\n")];
    expect(records[0]).toMatchObject({ line: 1, problem: expect.any(String) });
    expect(records.at(-1)).toEqual({ line: 1_026, fields: ["b.jpg", "2"] });
  });
});
