import { MAX_RECORD_CHARS } from "./manifest-record.ts";

/** One record of a CSV file. Its fields may contain line breaks. */
export interface CsvRecord {
  /** The physical line on which the record starts, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** The problem with the record, and how to fix it. If set, `fields` is empty. */
  readonly problem?: string;
}

const UNCLOSED =
  'a quote (") opens on this line and is not closed properly; close it, and double quotes within a value ("")';
const TOO_LONG = `this row is longer than ${MAX_RECORD_CHARS} characters; remove unneeded columns, or look for a missing quote before it`;

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

interface Parsed {
  readonly fields: string[];
  readonly next: number;
}

/**
 * Reads real-world RFC 4180 CSV from text that arrives in chunks. An invalid record costs only its first line: reading
 * resumes at the next physical line, so that a stray quote does not swallow the file. Accepts a mix of CRLF, LF and CR
 * CR LF. Drops spaces around a quoted value, treats a quote within an unquoted value as literal, and skips empty lines.
 */
export class CsvReader {
  readonly #delimiter: string;
  readonly #delimiterCode: number;
  #text = "";
  #line: number;
  #skippingLine = false;

  /** @param firstLine number of the first line that the caller will push */
  constructor(delimiter: string, firstLine = 1) {
    this.#delimiter = delimiter;
    this.#delimiterCode = delimiter.charCodeAt(0);
    this.#line = firstLine;
  }

  push(text: string): CsvRecord[] {
    this.#text += text;
    return this.#drain(false);
  }

  end(): CsvRecord[] {
    return this.#drain(true);
  }

  #drain(final: boolean): CsvRecord[] {
    const text = this.#text;
    const records: CsvRecord[] = [];
    let at = 0;
    let quote = -1;
    while (at < text.length) {
      const newline = text.indexOf("\n", at);
      const lineEnd = newline === -1 ? text.length : newline;
      if (this.#skippingLine) {
        at = lineEnd + 1;
        if (newline !== -1) this.#toNextLine();
        continue;
      }
      if (quote < at) {
        quote = text.indexOf('"', at);
        if (quote === -1) quote = Number.POSITIVE_INFINITY;
      }
      if (quote > lineEnd) {
        if (newline === -1 && !final) {
          if (text.length - at <= MAX_RECORD_CHARS) break;
          this.#reject(records, TOO_LONG);
          at = text.length;
        } else {
          this.#plainLine(records, text, at, lineEnd);
          at = lineEnd + 1;
        }
        continue;
      }
      const parsed = this.#parseQuoted(text, at, final);
      if (typeof parsed === "object") {
        records.push({ line: this.#line, fields: parsed.fields });
        this.#line += countLines(text, at, parsed.next);
        at = parsed.next;
      } else if (parsed === "more" && !final && text.length - at <= MAX_RECORD_CHARS) {
        break;
      } else {
        this.#reject(records, UNCLOSED);
        if (newline !== -1) this.#toNextLine();
        at = lineEnd + 1;
      }
    }
    this.#text = text.slice(at);
    return records;
  }

  #plainLine(records: CsvRecord[], text: string, start: number, end: number): void {
    const stop = withoutReturns(text, start, end);
    if (stop - start > MAX_RECORD_CHARS) {
      this.#reject(records, TOO_LONG);
    } else if (stop > start) {
      records.push({ line: this.#line, fields: text.slice(start, stop).split(this.#delimiter) });
    }
    this.#toNextLine();
  }

  #reject(records: CsvRecord[], problem: string): void {
    records.push({ line: this.#line, fields: [], problem });
    this.#skippingLine = true;
  }

  #toNextLine(): void {
    this.#line += 1;
    this.#skippingLine = false;
  }

  /** `more`: the record continues after the text. `stray`: something follows a closing quote. */
  #parseQuoted(text: string, start: number, final: boolean): Parsed | "more" | "stray" {
    const fields: string[] = [];
    let at = start;
    for (;;) {
      let open = at;
      while (text.charCodeAt(open) === SPACE) open += 1;
      let value: string;
      if (text.charCodeAt(open) === QUOTE) {
        const close = closingQuote(text, open + 1, final);
        if (close === -1) return "more";
        value = text.slice(open + 1, close);
        if (value.includes('"')) value = value.replaceAll('""', '"');
        at = close + 1;
        while (text.charCodeAt(at) === SPACE) at += 1;
      } else {
        const from = at;
        while (at < text.length && !this.#endsField(text.charCodeAt(at))) at += 1;
        const beforeLineFeed = text.charCodeAt(at) === LINE_FEED || at === text.length;
        value = text.slice(from, beforeLineFeed ? withoutReturns(text, from, at) : at);
      }
      if (at >= text.length && !final) return "more";
      fields.push(value);
      const code = text.charCodeAt(at);
      if (code === this.#delimiterCode) {
        at += 1;
        continue;
      }
      if (at >= text.length) return { fields, next: at };
      if (code === LINE_FEED) return { fields, next: at + 1 };
      if (code !== CARRIAGE_RETURN) return "stray";
      while (text.charCodeAt(at) === CARRIAGE_RETURN) at += 1;
      if (at >= text.length) return final ? { fields, next: at } : "more";
      return text.charCodeAt(at) === LINE_FEED ? { fields, next: at + 1 } : "stray";
    }
  }

  #endsField(code: number): boolean {
    return code === this.#delimiterCode || code === LINE_FEED;
  }
}

/**
 * Returns the position of the quote that ends a value; -1 if the text does not contain that quote, or the quote may be
 * the first half of a pair.
 */
function closingQuote(text: string, from: number, final: boolean): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at === text.length - 1 && !final ? -1 : at;
}

/**
 * Returns the end of a line's text: before the LF and one CR, or several CRs, as Python's csv module writes on Windows.
 */
function withoutReturns(text: string, start: number, end: number): number {
  let stop = end;
  while (stop > start && text.charCodeAt(stop - 1) === CARRIAGE_RETURN) stop -= 1;
  return stop;
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}
