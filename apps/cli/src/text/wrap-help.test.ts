import { expect, test } from "vitest";
import { wrapHelp } from "./wrap-help.ts";

const WORDS = "one two three four five six seven eight nine ten eleven twelve";

test.each([
  ["a paragraph", WORDS, "one two three four five six seven eight\nnine ten eleven twelve"],
  ["an indented line", `  ${WORDS}`, "  one two three four five six seven\n  eight nine ten eleven twelve"],
  ["a word that is too long", "x".repeat(50), "x".repeat(50)],
  ["a command to copy", `  $ ${WORDS}\n      --${WORDS}`, `  $ ${WORDS}\n      --${WORDS}`],
  ["short lines", "a\n\n  b\n", "a\n\n  b\n"],
])("wraps %s at 40 columns", (_, text, wrapped) => {
  expect(wrapHelp(text, 40)).toBe(wrapped);
});

test("rewraps a paragraph whose source is wrapped at 120 columns", () => {
  const text = `${"word ".repeat(23)}end\nand more.\n\nNext:`;
  const wrapped = wrapHelp(text, 60).split("\n");
  expect(wrapped.slice(-2)).toEqual(["", "Next:"]);
  expect(wrapped.join(" ").replaceAll(/ +/g, " ")).toBe(text.replaceAll("\n", " ").replaceAll(/ +/g, " "));
  for (const line of wrapped) expect(line.length).toBeLessThanOrEqual(60);
});

test("wraps nothing without a terminal, and for a very narrow one", () => {
  expect([wrapHelp(WORDS, undefined), wrapHelp(WORDS, 20)]).toEqual([WORDS, WORDS]);
});
