import { describe, expect, it } from "vitest";
import { lineSchema, textSchema } from "./written-text.ts";

const CASES = [
  { what: "a sentence", text: "Wärmeres Licht, bitte — 光を 🌞", line: true, note: true },
  { what: "two lines", text: "warmer\nand\r\n\tsofter", line: false, note: true },
  { what: "an escape sequence", text: "\u001b[2Jgone", line: false, note: false },
  { what: "a C1 control character", text: "a\u009b31m", line: false, note: false },
  { what: "a null character", text: "a\u0000b", line: false, note: false },
  { what: "the first half of an emoji", text: "sun \ud83c", line: false, note: false },
  { what: "the second half of an emoji", text: "\udf1e sun", line: false, note: false },
  { what: "only spaces", text: "  ", line: false, note: false },
  { what: "more than the limit", text: "x".repeat(61), line: false, note: false },
] as const;

describe.each(CASES)("$what", ({ text, line, note }) => {
  it(`${line ? "may" : "may not"} be a line, and ${note ? "may" : "may not"} be a text`, () => {
    expect(lineSchema(60).safeParse(text).success).toBe(line);
    expect(textSchema(60).safeParse(text).success).toBe(note);
  });
});

it("is kept without the spaces around it", () => {
  expect(lineSchema(60).parse("  nightly ")).toBe("nightly");
});
